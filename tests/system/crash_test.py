"""kill -9 under load: what was answered 200 is there after a restart, and counts once (P1, P2).

    crash_test.py [--kills 10] [--seed 1]

Trackers send without end, each request again and again until it is answered 200. The program is killed at random
points, now and then while it starts. After each kill the trackers pause, and the oracle compares: of every device
each acknowledged event is in the stream of media records, and the profile's version, which counts the events that
were applied, is the number of acknowledged events. The seed chooses points and events; a failure names it.
"""

import argparse
import http.client
import json
import random
import subprocess
import sys
import threading
import time
import unittest
import uuid

from lvp import PROGRAM, Lvp, folder, media_event, payload, until

DEVICES = 8
OPTIONS = argparse.Namespace(kills=10, seed=1)


class Tracker(threading.Thread):
    """One device: events one after the other, in requests of one to four, each sent until it is answered 200."""

    def __init__(self, world, number):
        super().__init__(daemon=True)
        self.world = world
        self.random = random.Random(OPTIONS.seed * 1000 + number)
        self.device = str(uuid.uuid4())
        self.created_ms = 0
        self.made = 0
        self.acknowledged = []

    def run(self):
        while self.world.wait_for_turn():
            self.deliver([self.event() for _ in range(self.random.randint(1, 4))])

    def event(self, kind=None):
        kind = kind or self.random.choice(["ping_event"] * 6 + ["play_event", "pause_event"])
        self.created_ms = max(self.created_ms + 1, int(time.time() * 1000))
        self.made += 1
        return media_event(str(uuid.uuid4()), self.device, kind, self.created_ms, 0.01 * self.made,
                           paused=kind == "pause_event")

    def deliver(self, events):
        body = payload(*events)
        while not self.send(body):
            pass
        self.acknowledged += [event["eid"] for event in events]

    def send(self, body):
        lvp = self.world.wait_for_program()
        try:
            return lvp.post(body).status == 200
        except (OSError, http.client.HTTPException):  # broken off: it may have been taken or not
            return False


class World:
    """The program that runs just now, if any, and whether trackers may send more."""

    def __init__(self):
        self.changed = threading.Condition()
        self.program = None
        self.goes_on = True
        self.over = False
        self.waiting = 0

    def set(self, **values):
        with self.changed:
            vars(self).update(values)
            self.changed.notify_all()

    def wait_for_program(self):
        with self.changed:
            self.changed.wait_for(lambda: self.program is not None)
            return self.program

    def wait_for_turn(self):
        with self.changed:
            self.waiting += 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.goes_on or self.over)
            self.waiting -= 1
            return not self.over

    def pause(self, trackers):
        """Returns once every tracker has been answered 200 for all that it sent."""
        with self.changed:
            self.goes_on = False
            self.changed.wait_for(lambda: self.waiting == trackers)


class Stream:
    """Reads a stream on from where it was, through all lives of the program."""

    def __init__(self, name):
        self.name = name
        self.after = ""

    def read_on(self, lvp):
        while True:
            answer = lvp.get(f"/api/v1/streams/{self.name}?limit=500&after={self.after}")
            records = [json.loads(line) for line in answer.body.splitlines()]
            if not records:
                return
            self.after = records[-1]["offset"]
            yield from records


class Oracle:
    def __init__(self):
        self.media, self.updates = Stream("media"), Stream("updates")
        self.arrived = {}  # by device: ids of media records
        self.versions = {}  # by device: the newest that was published

    def read_on(self, lvp):
        # Updates first: what they tell of has been in media before.
        for record in self.updates.read_on(lvp):
            if profile := record["value"].get("profile"):
                version = self.versions.get(profile["device"], 0)
                assert profile["version"] > version, f"{profile['device']}: version {profile['version']} after {version}"
                self.versions[profile["device"]] = profile["version"]
        for record in self.media.read_on(lvp):
            self.arrived.setdefault(record["value"]["domain_userid"], set()).add(record["value"]["event_id"])

    def is_told(self, lvp, tracker):
        self.read_on(lvp)
        return self.versions.get(tracker.device, 0) >= len(tracker.acknowledged)

    def check(self, lvp, trackers):
        for tracker in trackers:
            tracker.deliver([tracker.event("play_event"), tracker.event("pause_event")])  # news: told at once
            until(lambda t=tracker: self.is_told(lvp, t), f"{len(tracker.acknowledged)} events of {tracker.device} told")
        for tracker in trackers:
            lost = set(tracker.acknowledged) - self.arrived[tracker.device]
            assert not lost, f"acknowledged and lost: {lost}"
            assert self.versions[tracker.device] == len(tracker.acknowledged), (
                f"{tracker.device}: {len(tracker.acknowledged)} events acknowledged, {self.versions[tracker.device]} counted")


def kill_while_starting(data, delay_s):
    ports = [option for name in ("collector", "player", "private") for option in ("--set", f"{name}.port=0")]
    program = subprocess.Popen([PROGRAM, "up", "--data", data, *ports], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(delay_s)
    program.kill()
    program.wait()


class Crash(unittest.TestCase):
    def test_kill_under_load(self):
        points = random.Random(OPTIONS.seed)
        world, oracle = World(), Oracle()
        trackers = [Tracker(world, number) for number in range(DEVICES)]
        try:
            with folder() as data, self.subTest(f"--seed {OPTIONS.seed}"):
                for tracker in trackers:
                    tracker.start()
                for _ in range(OPTIONS.kills):
                    self.live_and_die(data, world, oracle, trackers, points)
                with Lvp(data) as lvp:
                    world.set(program=lvp)
                    world.pause(DEVICES)
                    oracle.check(lvp, trackers)
        finally:
            world.set(over=True)

    def live_and_die(self, data, world, oracle, trackers, points):
        if points.random() < 0.2:
            kill_while_starting(data, points.uniform(0, 0.3))
        lvp = Lvp(data)
        world.set(program=lvp)
        world.pause(DEVICES)
        oracle.check(lvp, trackers)
        world.set(goes_on=True)
        time.sleep(points.uniform(0.05, 1.5))
        world.set(program=None)
        lvp.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--kills", type=int, default=OPTIONS.kills)
    parser.add_argument("--seed", type=int, default=OPTIONS.seed)
    parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=sys.argv[:1])
