"""Bad input gets a clear answer, and nothing that was acknowledged is lost (P1, P4, P8)."""

import json
import socket
import time
import unittest
import urllib.parse
import uuid

from lvp import TP2, WAIT, Lvp, folder, media_event, payload, request, until


def bad_rows(lvp, count):
    return until(lambda: (rows := lvp.records("bad")) and len(rows) >= count and rows, f"{count} bad rows")


def good_event(lvp):
    """Sends an event that is fine, and waits until its viewer is known."""
    device = str(uuid.uuid4())
    event = media_event(str(uuid.uuid4()), device, "play_event", int(time.time() * 1000))
    assert lvp.post(payload(event)).status == 200
    until(lambda: lvp.get(f"/api/v1/viewers/{device}").status == 200, "the viewer is known")


class Collect(unittest.TestCase):
    def test_what_is_no_json_is_kept_as_a_bad_row(self):
        with folder() as data, Lvp(data) as lvp:
            answer = lvp.post('{"schema":"iglu:')
            self.assertEqual((answer.status, answer.body), (200, b"ok"))
            row = bad_rows(lvp, 1)[0]["value"]
            self.assertTrue(row["schema"].startswith("iglu:com.snowplowanalytics.snowplow.badrows/"), row["schema"])
            self.assertIn('{"schema":"iglu:', json.dumps(row["data"]["payload"]).replace('\\"', '"'))
            good_event(lvp)

    def test_an_unknown_schema_is_a_schema_violation(self):
        with folder() as data, Lvp(data) as lvp:
            event = media_event(str(uuid.uuid4()), "d", "play_event", int(time.time() * 1000))
            event["ue_pr"] = event["ue_pr"].replace("play_event", "no_such_event")
            self.assertEqual(lvp.post(payload(event)).status, 200)
            row = bad_rows(lvp, 1)[0]["value"]
            self.assertIn("/schema_violations/", row["schema"])
            self.assertIn("no_such_event", json.dumps(row["data"]["failure"]))
            self.assertEqual(lvp.records("enriched"), [])

    def test_a_body_of_ten_megabytes_is_refused(self):
        with folder() as data, Lvp(data) as lvp:
            answer = lvp.post("x" * 10_000_000, {"Origin": "http://shop.example"})
            self.assertEqual(answer.status, 413)
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "http://shop.example")
            self.assertEqual(lvp.records("raw"), [])
            good_event(lvp)

    def test_a_slow_sender_is_told_and_holds_up_nobody(self):
        with folder() as data, Lvp(data, collector__body_wait="200ms") as lvp:
            host = urllib.parse.urlsplit(lvp.collector)
            with socket.create_connection((host.hostname, host.port), timeout=WAIT) as slow:
                slow.sendall(f"POST {TP2} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc".encode())
                good_event(lvp)
                self.assertTrue(slow.recv(1000).startswith(b"HTTP/1.1 408 "))
            self.assertEqual(len(lvp.records("raw")), 1)

    def test_a_full_queue_says_when_to_come_again(self):
        with folder() as data, Lvp(data, collector__queue_bytes_max=100, collector__refusal_wait="300ms") as lvp:
            event = media_event(str(uuid.uuid4()), "d", "play_event", int(time.time() * 1000))
            sent = time.monotonic()
            answer = lvp.post(payload(event), {"Origin": "http://shop.example"})
            self.assertGreaterEqual(time.monotonic() - sent, 0.3, "it is held back")
            self.assertEqual(answer.status, 503)
            self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "http://shop.example")
            self.assertEqual(lvp.records("raw"), [])

    def test_health(self):
        with folder() as data, Lvp(data) as lvp:
            self.assertEqual(request(lvp.collector, "GET", "/health").status, 200)
            self.assertEqual(request(lvp.collector, "GET", "/sink-health").status, 200)
            self.assertEqual(lvp.get("/healthz").status, 200)
            self.assertEqual(lvp.get("/readyz").status, 200)
            good_event(lvp)
            until(lambda: b'lvp_stage_records{stage="bridge"} 1\n' in lvp.get("/metrics").body, "the stage counted")
            self.assertIn(b'lvp_collect_requests_total{route="post",status="200"} 1\n', lvp.get("/metrics").body)


class Private(unittest.TestCase):
    def test_foreign_pages_are_refused(self):
        with folder() as data, Lvp(data) as lvp:
            for origin, status in [("http://evil.example", 401), ("http://127.0.0.1.evil.example", 401),
                                   ("null", 401), ("http://localhost:3000", 200), (lvp.private, 200)]:
                self.assertEqual(lvp.get("/api/v1/viewers", {"Origin": origin}).status, status, origin)

    def test_foreign_names_that_lead_here_are_refused(self):
        with folder() as data, Lvp(data) as lvp:
            for host, status in [("evil.example", 401), ("127.0.0.1.evil.example", 401), ("localhost:8280", 200)]:
                headers = {"Host": host, "Origin": f"http://{host}"}
                self.assertEqual(lvp.get("/api/v1/viewers", headers).status, status, host)

    def test_a_token_is_asked_for(self):
        token = "0123456789abcdef"
        with folder() as data, Lvp(data, private__token=token) as lvp:
            for path in ["/api/v1/viewers", "/api/v1/streams/raw", "/metrics", "/ws", "/live"]:
                self.assertEqual(lvp.get(path).status, 401, path)
                self.assertEqual(lvp.get(path, {"Authorization": "Bearer 0123456789abcdeg"}).status, 401, path)
            self.assertEqual(lvp.get("/api/v1/viewers", {"Authorization": f"Bearer {token}"}).status, 200)
            self.assertEqual(lvp.get(f"/api/v1/viewers?access_token={token}").status, 200)
            self.assertEqual(lvp.get("/healthz").status, 200)


if __name__ == "__main__":
    unittest.main()
