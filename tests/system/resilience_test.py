"""The collector when its disk fails, hangs or comes back, when it is replaced while it works, and over TLS."""

import concurrent.futures
import http.client
import json
import os
import signal
import ssl
import subprocess
import threading
import time
import unittest
import urllib.parse
import uuid

from lvp import TP2, WAIT, Lvp, folder, media_event, payload, request, run, until

FAULTS = os.environ["LVP_FAULTS_LIBRARY"]


class Disk:
    """Switches the faults of tests/system/faults.cc."""

    def __init__(self, where):
        self.where = where
        self.environment = {"LD_PRELOAD": FAULTS, "LVP_FAULTS": where, "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def fail(self, fault):
        open(os.path.join(self.where, fault), "w").close()

    def heal(self, fault):
        os.unlink(os.path.join(self.where, fault))


def event(event_id=None):
    return payload(media_event(event_id or str(uuid.uuid4()), "d", "play_event", int(time.time() * 1000)))


def health(lvp):
    return request(lvp.collector, "GET", "/sink-health").status


class FaultyDisk(unittest.TestCase):
    def test_a_full_disk_is_told_and_got_over(self):
        with folder() as data, folder() as faults:
            disk = Disk(faults)
            with Lvp(data, environment=disk.environment, log__level="error") as lvp:
                self.assertEqual(lvp.post(event()).status, 200)
                disk.fail("full")
                answer = lvp.post(event(), {"Origin": "http://shop.example"})
                self.assertEqual(answer.status, 503)
                self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
                self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "http://shop.example")
                self.assertEqual(health(lvp), 503)
                self.assertEqual(lvp.get("/readyz").status, 503)
                self.assertEqual(lvp.post(event()).status, 503)
                disk.heal("full")
                until(lambda: health(lvp) == 200, "the collector found out that the disk is well")
                until(lambda: lvp.get("/readyz").status == 200, "so did the others")
                self.assertEqual(lvp.post(event()).status, 200)
                self.assertEqual(len(lvp.records("raw")), 2)

    def test_after_a_sync_that_failed_nothing_is_taken_until_it_is_opened_anew(self):
        with folder() as data, folder() as faults:
            disk = Disk(faults)
            with Lvp(data, environment=disk.environment, log__level="error") as lvp:
                kept, refused = str(uuid.uuid4()), str(uuid.uuid4())
                self.assertEqual(lvp.post(event(kept)).status, 200)
                disk.fail("broken")
                self.assertEqual(lvp.post(event(refused)).status, 503)
                disk.heal("broken")  # which says nothing about the bytes that were not written
                self.assertEqual(lvp.post(event(refused)).status, 503)
                self.assertEqual(health(lvp), 503)
                lvp.kill()
            with Lvp(data) as lvp:
                self.assertEqual(lvp.post(event()).status, 200)
                text = json.dumps(lvp.records("raw"))
                self.assertEqual(text.count(kept), 1)
                # Its bytes may have reached the disk all the same, but those of the second attempt were never written.
                self.assertLessEqual(text.count(refused), 1)

    def test_writes_that_take_less_than_they_were_given_lose_nothing(self):
        with folder() as data, folder() as faults:
            disk = Disk(faults)
            disk.fail("short")
            with Lvp(data, environment=disk.environment) as lvp:
                for _ in range(10):
                    self.assertEqual(lvp.post(event()).status, 200)
                lvp.kill()
            with Lvp(data) as lvp:
                self.assertEqual(len(lvp.records("raw")), 10)

    def test_a_disk_that_hangs_is_told_and_got_over(self):
        with folder() as data, folder() as faults, concurrent.futures.ThreadPoolExecutor() as others:
            disk = Disk(faults)
            with Lvp(data, environment=disk.environment, collector__commit_wait="100ms") as lvp:
                disk.fail("slow")
                held = others.submit(lvp.post, event())
                until(lambda: health(lvp) == 503, "the collector noticed")
                self.assertEqual(lvp.get("/readyz").status, 503)
                self.assertEqual(lvp.post(event()).status, 503)
                disk.heal("slow")
                self.assertEqual(held.result(WAIT).status, 200)
                until(lambda: health(lvp) == 200, "the collector is well again")
                self.assertEqual(lvp.get("/readyz").status, 200)
                self.assertEqual(len(lvp.records("raw")), 1)
                self.assertIn(b'lvp_collect_refused_total{reason="disk_slow"} 1\n', lvp.get("/metrics").body)

    def test_what_was_taken_is_answered_before_it_stops(self):
        with folder() as data, folder() as faults, concurrent.futures.ThreadPoolExecutor() as others:
            disk = Disk(faults)
            with Lvp(data, environment=disk.environment) as lvp:
                disk.fail("slow")
                held = others.submit(lvp.post, event())
                until(lambda: health(lvp) == 503, "its commit is under way")
                lvp.process.send_signal(signal.SIGTERM)
                disk.heal("slow")
                self.assertEqual(held.result(WAIT).status, 200)
                self.assertEqual(lvp.process.wait(timeout=WAIT), 0)


class Visitor(threading.Thread):
    """Sends events until it is told to stop, and keeps what it was answered."""

    def __init__(self, url, keep_alive):
        super().__init__(daemon=True)
        self.address, self.keep_alive = urllib.parse.urlsplit(url).netloc, keep_alive
        self.stopping, self.acknowledged, self.failures = threading.Event(), [], []
        self.start()

    def run(self):
        connection = http.client.HTTPConnection(self.address, timeout=WAIT)
        while not self.stopping.is_set():
            event_id = str(uuid.uuid4())
            try:
                self.send(connection, event_id)
            except OSError as error:
                self.failures.append(repr(error))
                connection.close()
            if not self.keep_alive:
                connection.close()
        connection.close()

    def send(self, connection, event_id):
        connection.request("POST", TP2, payload(media_event(event_id, "d", "ping_event", 1)),
                           {"Content-Type": "application/json"})
        response = connection.getresponse()  # closes the connection if the server says so
        response.read()
        if response.status == 200:
            self.acknowledged.append(event_id)
        else:
            self.failures.append(str(response.status))

    def result(self):
        self.stopping.set()
        self.join(WAIT)
        return self.acknowledged, self.failures


class Upgrade(unittest.TestCase):
    def test_a_new_process_takes_over_the_port_and_no_request_is_lost(self):
        with folder() as old_data, folder() as new_data:
            with Lvp(old_data, command="collect", collector__share_port="true") as old:
                port = urllib.parse.urlsplit(old.collector).port
                visitors = [Visitor(old.collector, keep_alive) for keep_alive in [True, True, False, False]]
                with Lvp(new_data, command="collect", collector__share_port="true", collector__port=port) as new:
                    until(lambda: new.records("raw"), "the new one gets requests")
                    before = old.records("raw")
                    old.stop()
                    seen = len(new.records("raw"))
                    until(lambda: len(new.records("raw")) > seen + 50, "the new one gets all of them")
                    results = [visitor.result() for visitor in visitors]
                    kept = json.dumps([record["value"] for record in new.records("raw")])
                code, out, err = run("tail", "raw", "--data", old_data, "--from-start", "--no-follow")
                self.assertEqual(code, 0, err)
        self.assertGreater(len(before), 0)
        self.assertEqual([failures for _, failures in results], [[], [], [], []])
        acknowledged = [event_id for ids, _ in results for event_id in ids]
        self.assertEqual([event_id for event_id in acknowledged if event_id not in kept and event_id not in out], [])

    def test_without_being_asked_for_a_port_is_not_shared(self):
        with folder() as data, folder() as other, Lvp(data) as lvp:
            port = urllib.parse.urlsplit(lvp.collector).port
            code, _, err = run("collect", "--data", other, "--set", f"collector.port={port}", "--set",
                               "collector.address=127.0.0.1", "--set", "private.port=0")
            self.assertEqual(code, 2)
            self.assertIn(f"port {port}", err)


def make_certificate(where, name):
    """A key and a certificate for it in the folder, the same files each time."""
    key, certificate = os.path.join(where, "key.pem"), os.path.join(where, "certificate.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                    "-out", certificate], check=True, capture_output=True)
    return certificate, key


def text_of(file):
    with open(file) as opened:
        return opened.read().strip()


def served_certificate(lvp):
    host = urllib.parse.urlsplit(lvp.collector)
    return ssl.get_server_certificate((host.hostname, host.port), timeout=WAIT).strip()


class Tls(unittest.TestCase):
    def test_https_with_a_certificate_that_can_be_changed(self):
        with folder() as data, folder() as files:
            certificate, key = make_certificate(files, "first.example")
            first = text_of(certificate)
            with Lvp(data, collector__tls_certificate=certificate, collector__tls_key=key) as lvp:
                self.assertTrue(lvp.collector.startswith("https://"), lvp.collector)
                context = ssl.create_default_context(cafile=certificate)
                connection = http.client.HTTPSConnection(urllib.parse.urlsplit(lvp.collector).netloc, timeout=WAIT,
                                                         context=context)
                connection.request("POST", TP2, event(), {"Content-Type": "application/json"})
                self.assertEqual(connection.getresponse().read(), b"ok")
                self.assertEqual(served_certificate(lvp), first)

                make_certificate(files, "second.example")
                lvp.process.send_signal(signal.SIGHUP)
                until(lambda: served_certificate(lvp) == text_of(certificate), "the new certificate")
                connection.request("POST", TP2, event(), {"Content-Type": "application/json"})
                self.assertEqual(connection.getresponse().read(), b"ok")  # the old connection goes on
                connection.close()

                os.unlink(key)
                lvp.process.send_signal(signal.SIGHUP)
                self.assertEqual(served_certificate(lvp), text_of(certificate))
                self.assertEqual(len(lvp.records("raw")), 2)

    def test_a_missing_certificate_stops_the_start(self):
        with folder() as data:
            code, _, err = run("collect", "--data", data, "--set", "collector.tls_certificate=/nonexistent/c.pem",
                               "--set", "collector.tls_key=/nonexistent/k.pem", "--set", "collector.port=0",
                               "--set", "private.port=0")
            self.assertEqual(code, 2)
            self.assertIn("/nonexistent/", err)


class Admission(unittest.TestCase):
    def test_an_address_that_sends_too_much_is_told(self):
        settings = {"collector__rate_per_address": 1, "collector__rate_burst": 2,
                    "collector__rate_by_forwarded_for": "true"}
        with folder() as data, Lvp(data, **settings) as lvp:
            def post(address):
                return lvp.post(event(), {"X-Forwarded-For": address, "Origin": "http://shop.example"})

            self.assertEqual([post("203.0.113.1").status for _ in range(2)], [200, 200])
            refused = until(lambda: (answer := post("203.0.113.1")).status != 200 and answer, "too many in a second")
            self.assertEqual(refused.status, 429)
            self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
            self.assertEqual(refused.headers["Access-Control-Allow-Origin"], "http://shop.example")
            self.assertEqual(post("203.0.113.2").status, 200)
            self.assertEqual(request(lvp.collector, "GET", "/health").status, 200)


class Start(unittest.TestCase):
    def test_settings_that_cannot_work_are_refused(self):
        with folder() as data:
            for setting, named in [("cookie_fallback_domain=a,b", "fallback"), ("do_not_track_value=(", "do_not_track_value"),
                                   ("bounce_fallback_id=x", "fallback"), ("root_status=99", "root")]:
                switches = ["--set", "collector.do_not_track_cookie=c", "--set", "collector.bounce_enabled=true"]
                code, _, err = run("collect", "--data", data, *switches, "--set", f"collector.{setting}")
                self.assertEqual(code, 2, setting)
                self.assertIn(named, err)


if __name__ == "__main__":
    unittest.main()
