"""Deleting what is kept of a viewer: by the command, by the API, in the folder of a stopped program."""

import os
import time
import unittest
import uuid

from lvp import Lvp, folder, media_event, payload, request, run, until


class Forget(unittest.TestCase):
    def watch(self, lvp, device, kind="play_event", created_ms=None):
        now_ms = int(time.time() * 1000)
        event = media_event(str(uuid.uuid4()), device, kind, created_ms or now_ms)
        event["stm"] = str(now_ms)
        self.assertEqual(lvp.post(payload(event)).status, 200)

    def known(self, lvp, device):
        return lvp.get(f"/api/v1/viewers/{device}").status == 200

    def test_by_command_while_running_and_it_stays(self):
        alice, bob = str(uuid.uuid4()), str(uuid.uuid4())
        before_ms = int(time.time() * 1000)
        with folder() as data:
            with Lvp(data) as lvp:
                self.watch(lvp, alice)
                self.watch(lvp, bob)
                until(lambda: self.known(lvp, alice) and self.known(lvp, bob), "both known")
                code, out, err = run("forget", alice, "--data", data)
                self.assertEqual((code, out), (0, f"{alice} is forgotten\n"), err)
                self.assertFalse(self.known(lvp, alice))
                self.assertTrue(self.known(lvp, bob))
                until(lambda: [v["viewer"] for v in lvp.get("/api/v1/viewers").json()["viewers"]] == [bob], "off the board")
            with Lvp(data) as lvp:
                self.assertFalse(self.known(lvp, alice))
                # An event of before arrives now: bob's next, which comes after it, is what we wait for.
                self.watch(lvp, alice, "ping_event", created_ms=before_ms + 1)
                self.watch(lvp, bob, "pause_event")
                until(lambda: lvp.get(f"/api/v1/viewers/{bob}").json()["state"] == "PAUSED", "bob's event folded")
                until(lambda: b'lvp_viewers_in_state{state="PAUSED"} 1\n' in lvp.get("/metrics").body, "bob is counted")
                self.assertFalse(self.known(lvp, alice))
                # Whoever comes back is new.
                self.watch(lvp, alice)
                until(lambda: self.known(lvp, alice), "back")
                until(lambda: len(lvp.get("/api/v1/viewers").json()["viewers"]) == 2, "back on the board")

    def test_in_the_folder_of_a_stopped_program(self):
        alice, bob = str(uuid.uuid4()), str(uuid.uuid4())
        with folder() as data:
            with Lvp(data) as lvp:
                self.watch(lvp, alice)
                self.watch(lvp, bob)
                until(lambda: self.known(lvp, alice) and self.known(lvp, bob), "both known")
            code, out, err = run("forget", alice, "--data", data)
            self.assertEqual((code, out), (0, f"{alice} is forgotten\n"), err)
            self.assertEqual(run("viewer", alice, "--data", data)[0], 1)
            self.assertEqual(run("viewer", bob, "--data", data)[0], 0)
            with Lvp(data) as lvp:
                self.assertFalse(self.known(lvp, alice))
                viewers = lvp.get("/api/v1/viewers").json()["viewers"]
                self.assertEqual([viewer["viewer"] for viewer in viewers], [bob])

    def test_a_folder_that_holds_nothing_is_not_made(self):
        with folder() as data:
            code, _, err = run("forget", "alice", "--data", os.path.join(data, "none"))
            self.assertEqual(code, 1)
            self.assertIn("nothing is kept here", err)

    def test_who_may(self):
        with folder() as data, Lvp(data, private__token="0123456789abcdef") as lvp:
            def delete(path, headers=None):
                return request(lvp.private, "DELETE", path, headers=headers)
            token = {"Authorization": "Bearer 0123456789abcdef"}
            self.assertEqual(delete("/api/v1/viewers/alice").status, 401)
            self.assertEqual(lvp.get("/api/v1/forgotten/alice", token).status, 404)
            self.assertEqual(delete("/api/v1/viewers/", token).status, 400)
            answer = delete("/api/v1/viewers/alice", token)
            self.assertEqual((answer.status, answer.json()), (202, {"viewer": "alice", "forgotten": False}))
            until(lambda: lvp.get("/api/v1/forgotten/alice", token).json()["forgotten"], "forgotten")
            self.assertEqual(delete("/api/v1/streams", token).status, 405)
        with folder() as data, Lvp(data) as lvp:
            stranger = request(lvp.private, "DELETE", "/api/v1/viewers/alice", headers={"Origin": "http://example.com"})
            self.assertEqual(stranger.status, 401)


if __name__ == "__main__":
    unittest.main()
