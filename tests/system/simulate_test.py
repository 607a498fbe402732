"""The audience that does not exist: what it finds true of the program, and that it would notice if it were not."""

import contextlib
import http.client
import http.server
import json
import os
import subprocess
import threading
import time
import unittest
import urllib.parse
import uuid

from lvp import PATIENCE, PROGRAM, WAIT, Lvp, folder, media_event, payload, run, until

FEW = ["--viewers", "40", "--ping", "1s", "--activity", "1s", "--verify", "--settle", "2s"]
SMALL = [*FEW, "--duration", "4s"]
# Not on a disk: one that others keep busy delays what is shown, and that is counted as wrong.
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None


def simulate(collector, private, *arguments):
    """(exit code, standard output, the figures of its last line)"""
    done = subprocess.run([PROGRAM, "simulate", "--collector", collector, "--private", private, *arguments],
                          capture_output=True, text=True, timeout=120 * PATIENCE)
    lines = done.stdout.splitlines()
    return done.returncode, done.stdout + done.stderr, json.loads(lines[-1]) if lines else None


@contextlib.contextmanager
def between(collector, treat):
    """A collector in front of the real one: treat(body, forward) answers a request, forward(body) asks the real one."""
    host = urllib.parse.urlsplit(collector).netloc

    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = treat(body, self.forward)
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def forward(self, body):
            connection = http.client.HTTPConnection(host, timeout=WAIT)
            kept = {name: value for name, value in self.headers.items() if name not in ("Host", "Content-Length")}
            connection.request("POST", self.path, body, kept)
            response = connection.getresponse()
            response.read()
            connection.close()
            return response.status

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    with Server(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class Nth:
    """Does something with the n-th request, and passes the others on."""

    def __init__(self, n, act):
        self.n, self.act, self.count, self.lock = n, act, 0, threading.Lock()

    def __call__(self, body, forward):
        with self.lock:
            self.count += 1
            mine = self.count == self.n
        return self.act(body, forward) if mine else forward(body)


class Truth(unittest.TestCase):
    def test_the_program_says_what_is_true(self):
        with folder(MEMORY) as data, Lvp(data) as lvp:
            code, text, found = simulate(
                lvp.collector, lvp.private, "--viewers", "200", "--duration", "24s", "--ping", "1s", "--activity", "3s",
                "--deaths", "60%", "--duplicates", "3%", "--disorder", "10%", "--verify", "--settle", "2s",
                "--max-concurrency-error", "0")
            self.assertEqual(code, 0, text)
            self.assertEqual((found["lost"], found["doubled"], found["broken"]), (0, 0, []), text)
            self.assertEqual(found["raw"]["found"], found["requests"])
            # It did compare: states while it ran, of all in the end, and of the dead that they left.
            self.assertGreater(found["states_live"]["compared"], 500, text)
            self.assertGreater(found["states_end"]["compared"], 100, text)
            self.assertGreater(found["concurrency"]["samples"], 15, text)
            self.assertGreater(found["update_ms"]["count"], 200, text)
            open_now = lvp.get("/api/v1/viewers?limit=10000").json()["viewers"]
            self.assertLess(len(open_now), 198, "nobody was left")

    def test_a_token_is_said(self):
        token = "0123456789abcdef"
        with folder(MEMORY) as data, Lvp(data, private__token=token) as lvp:
            code, text, _ = simulate(lvp.collector, lvp.private, *SMALL, "--token", token)
            self.assertEqual(code, 0, text)
            code, text, _ = simulate(lvp.collector, lvp.private, *SMALL)
            self.assertEqual(code, 1)
            self.assertIn("401", text)

    def test_refusals_are_sent_again(self):
        with folder(MEMORY) as data, Lvp(data) as lvp:
            with between(lvp.collector, Nth(20, lambda body, forward: 503)) as proxy:
                code, text, found = simulate(proxy, lvp.private, *SMALL)
            self.assertEqual(code, 0, text)
            self.assertEqual((found["refused"], found["lost"], found["doubled"]), (1, 0, 0), text)


class Doubt(unittest.TestCase):
    """It must be able to fail."""

    def test_an_acknowledged_event_that_is_gone_is_missed(self):
        with folder(MEMORY) as data, Lvp(data) as lvp:
            with between(lvp.collector, Nth(20, lambda body, forward: 200)) as proxy:
                code, text, found = simulate(proxy, lvp.private, *SMALL)
            self.assertEqual(code, 1, text)
            self.assertGreaterEqual(found["lost"], 1, text)
            self.assertEqual(found["doubled"], 0, text)

    def test_events_of_somebody_else_are_noticed(self):
        with folder(MEMORY) as data, Lvp(data) as lvp:
            def meddle(body, forward):
                event = media_event(str(uuid.uuid4()), "stranger", "play_event", int(time.time() * 1000))
                self.assertEqual(lvp.post(payload(event)).status, 200)
                return forward(body)

            with between(lvp.collector, Nth(20, meddle)) as proxy:
                code, text, found = simulate(proxy, lvp.private, *SMALL)
            self.assertEqual(code, 1, text)
            self.assertEqual((found["lost"], found["doubled"]), (0, 1), text)

    def test_a_second_event_in_place_of_a_copy_is_noticed(self):
        # Every event comes once more under another id: all figures are too large.
        with folder(MEMORY) as data, Lvp(data) as lvp:
            def double(body, forward):
                again = json.loads(body)
                for event in again["data"]:
                    event["eid"] = str(uuid.uuid4())
                forward(json.dumps(again).encode())
                return forward(body)

            with between(lvp.collector, double) as proxy:
                code, text, found = simulate(proxy, lvp.private, *SMALL)
            self.assertEqual(code, 1, text)
            self.assertEqual(found["doubled"], max(found["acknowledged"], found["figures_doubled"],
                                                   found["enriched"]["found"] - found["enriched"]["most"]), text)
            self.assertGreater(found["figures_doubled"], 40, text)

    def test_wrong_states_are_noticed(self):
        # Nobody ever pauses, as far as the program is told.
        with folder(MEMORY) as data, Lvp(data) as lvp:
            def never_pause(body, forward):
                kept = json.loads(body)
                for event in kept["data"]:
                    if "pause_event" in event.get("ue_pr", ""):
                        event["ue_pr"] = event["ue_pr"].replace("pause_event", "fullscreen_change_event").replace(
                            '"data":{}', '"data":{"fullscreen":true}')
                        event["co"] = event["co"].replace('"paused":true', '"paused":false')
                return forward(json.dumps(kept).encode())

            with between(lvp.collector, never_pause) as proxy:
                code, text, found = simulate(proxy, lvp.private, *FEW, "--duration", "10s")
            self.assertEqual(code, 1, text)
            self.assertGreater(found["states_live"]["wrong"] + found["states_end"]["wrong"], 0, text)
            self.assertIn("instead of PAUSED", text)
            self.assertEqual(found["bad"]["found"], 0, text)

    def test_slowness_is_noticed(self):
        with folder(MEMORY) as data, Lvp(data) as lvp:
            code, text, found = simulate(lvp.collector, lvp.private, *SMALL, "--max-p99", "1ms")
            self.assertEqual(code, 1, text)
            self.assertIn("allowed are 1 ms", found["broken"][0])


class Use(unittest.TestCase):
    def test_wrong_use(self):
        collector = ["--collector", "http://127.0.0.1:1"]
        for arguments in [[], ["--collector", "127.0.0.1:9090"], [*collector, "--verify"],
                          [*collector, "--curve", "morning"], [*collector, "--deaths", "101%"],
                          [*collector, "--viewers", "0"], [*collector, "--ping", "1500ms"],
                          [*collector, "--duration", "soon"], [*collector, "--ramp", "61s"],
                          [*collector, "--no-such-option"]]:
            code, out, err = run("simulate", *arguments)
            self.assertEqual((code, out), (2, ""), arguments)
            self.assertNotEqual(err, "", arguments)

    def test_nobody_listens(self):
        code, out, err = run("simulate", "--collector", "http://127.0.0.1:1")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("127.0.0.1:1", err)

    def test_without_verification_it_only_sends(self):
        with folder(MEMORY) as data, Lvp(data) as lvp:
            code, out, _ = run("simulate", "--collector", lvp.collector, "--viewers", "20", "--duration", "2s")
            found = json.loads(out.splitlines()[-1])
            self.assertEqual((code, found["verified"]), (0, False))
            until(lambda: len(lvp.records("enriched")) == found["events"], "all events were enriched")


if __name__ == "__main__":
    unittest.main()
