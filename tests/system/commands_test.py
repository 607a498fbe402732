"""The commands: what they print, and what they end with."""

import json
import os
import random
import time
import unittest
import uuid

from lvp import DATA, Lvp, folder, media_event, payload, run, until

SAMPLE = os.path.join(DATA, "bugs_bunny.tsv")
VIEWER = "143f9cb9-3db9-4e99-8d67-c8aea075d190"

# What the accelerator's machine says of the sample in the order of devices' clocks, which is what `mapped`
# says in any order; and what it says in the order of the file. Source: docs/compatibility.md.
MAPPED = [("play_event", 0.0, 0, "WATCHING_VIDEO"), ("ad_break_start_event", 0.0, 0, "WATCHING_AD"),
          ("ad_break_end_event", 0.112652, 0, "WATCHING_VIDEO"), ("ad_break_start_event", 29.926184, 0, "WATCHING_AD"),
          ("ad_break_end_event", 30.120879, 0, "WATCHING_VIDEO"), ("ad_break_start_event", 60.674818, 0, "WATCHING_AD"),
          ("ad_break_end_event", 60.69049, 0, "WATCHING_VIDEO"), ("pause_event", 67.502404, 0, "PAUSED_VIDEO")]
EXACT = [("play_event", 0.0, 0, "WATCHING_VIDEO"), ("pause_event", 0.112652, 288, "PAUSED_VIDEO"),
         ("play_event", 0.16254, 0, "WATCHING_VIDEO"), *MAPPED[3:]]
KEYS = ["viewer_id", "collector_tstamp", "event_id", "event_name", "video_ts", "adsClicked", "adsSkipped", "adId",
        "status"]


class Replay(unittest.TestCase):
    def test_both_modes(self):
        for mode, expected in [("mapped", MAPPED), ("exact", EXACT)]:
            code, out, err = run("replay", SAMPLE, "--mode", mode)
            self.assertEqual((code, err), (0, ""))
            messages = [json.loads(line) for line in out.splitlines()]
            for message in messages:
                self.assertEqual(list(message), KEYS)
                self.assertEqual(message["viewer_id"], VIEWER)
            self.assertEqual([(m["event_name"], m["video_ts"], m["adId"], m["status"]) for m in messages], expected)

    def test_the_order_of_the_file_does_not_matter_to_profiles(self):
        with open(SAMPLE, encoding="utf-8") as file:
            lines = file.read().splitlines()
        profiles = set()
        for seed in range(10):
            shuffled = list(lines)
            random.Random(seed).shuffle(shuffled)
            with folder() as data:
                code, _, err = run("replay", "-", "--data", data, text="\n".join(shuffled) + "\n")
                self.assertEqual((code, err), (0, ""), f"seed {seed}")
                code, out, err = run("viewer", VIEWER, "--data", data)
                self.assertEqual(code, 0, err)
                profiles.add(out)
        self.assertEqual(len(profiles), 1)
        session = json.loads(profiles.pop())["sessions"][0]
        self.assertEqual(session["state"], "PAUSED")
        self.assertEqual(session["figures"]["engine"]["ad_breaks"], 3)

    def test_refused_lines_are_told(self):
        with open(SAMPLE, encoding="utf-8") as file:
            first = next(line for line in file if "play_event" in line)
        code, out, err = run("replay", "-", text=first + "no event\n")
        self.assertEqual(code, 1)
        self.assertEqual(len(out.splitlines()), 1)
        self.assertIn("-:2: ", err)
        self.assertIn("1 of 2 lines refused", err)


class WrongUse(unittest.TestCase):
    def test_ends_with_2_and_says_where(self):
        with folder() as data:
            config = os.path.join(data, "lvp.toml")
            with open(config, "w", encoding="utf-8") as file:
                file.write("[collector]\nprot = 1\n")
            for arguments, expected in [
                (["up", "--config", config], f"{config}:2: there is no setting collector.prot"),
                (["up", "--set", "private.address=0.0.0.0"], "private.token"),
                (["up", "--no-such-option"], "--no-such-option"),
                (["fly"], "there is no command fly"),
                (["tail", "river"], "there is no stream river"),
                (["replay", "/nonexistent.tsv"], "/nonexistent.tsv: cannot be read"),
                (["replay", SAMPLE, "--mode", "loose"], "--mode loose"),
            ]:
                code, _, err = run(*arguments)
                self.assertEqual(code, 2, arguments)
                self.assertIn(expected, err)

    def test_a_port_in_use(self):
        with folder() as first, folder() as second, Lvp(first) as lvp:
            port = lvp.collector.rsplit(":", 1)[1]
            code, _, err = run("up", "--data", second, "--set", f"collector.port={port}",
                               "--set", "collector.address=127.0.0.1")
            self.assertEqual(code, 2)
            self.assertIn(port, err)

    def test_a_folder_in_use(self):
        with folder() as data, Lvp(data):
            code, _, err = run("up", "--data", data, "--set", "collector.port=0", "--set", "private.port=0",
                               "--set", "player.port=0")
            self.assertEqual(code, 1)
            self.assertIn(data, err)


class Looking(unittest.TestCase):
    def test_while_it_runs_and_after(self):
        device = str(uuid.uuid4())
        with folder() as data:
            with Lvp(data) as lvp:
                event = media_event(str(uuid.uuid4()), device, "play_event", int(time.time() * 1000), 3.5,
                                    ping_s=3600)  # nobody is gone before all was looked at, however slow the machine
                self.assertEqual(lvp.post(payload(event)).status, 200)
                until(lambda: lvp.get(f"/api/v1/viewers/{device}").status == 200, "the viewer is known")
                self.look(data, device, event["eid"])
            self.look(data, device, event["eid"])

    def test_looking_makes_no_folder(self):
        with folder() as data:
            missing = os.path.join(data, "typo")
            for arguments in [["viewer", "somebody"], ["tail", "media"]]:
                code, _, err = run(*arguments, "--data", missing)
                self.assertEqual(code, 1)
                self.assertIn(missing, err)
                self.assertFalse(os.path.exists(missing))

    def look(self, data, device, event_id):
        code, out, err = run("viewer", device, "--data", data)
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(out)["sessions"][0]["state"], "PLAYING")
        for stream in ["raw", "enriched", "media", "updates"]:
            code, out, err = run("tail", stream, "--data", data, "--from-start", "--no-follow")
            self.assertEqual(code, 0, err)
            records = [json.loads(line) for line in out.splitlines()]
            self.assertEqual(len(records), 1, stream)
            self.assertEqual(sorted(records[0]), ["key", "offset", "partition", "time", "value"])
            self.assertIn(event_id, json.dumps(records[0]["value"]), stream)
        code, _, err = run("viewer", "nobody", "--data", data)
        self.assertEqual(code, 1)
        self.assertIn("nobody", err)


if __name__ == "__main__":
    unittest.main()
