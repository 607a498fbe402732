"""Bridges under load while their target is killed for a while, and while the program itself is.

    bridge_crash_test.py [--away 4] [--kills 3] [--seed 1]

The trackers are those of crash_test.py: each event is sent until it is answered 200, one request of a device after the
other. So each target must in the end have been told of the events of each device in their order. An event may come
twice (P2 is the profiles' promise); what counts is when it came first.
"""

import argparse
import json
import os
import random
import sys
import time
import unittest

from bridge_test import ACCELERATOR, metric, retries, write
from crash_test import DEVICES, Stream, Tracker, World
from lvp import PATIENCE, Lvp, folder, until
from webhook import Webhook

OPTIONS = argparse.Namespace(away=4, kills=3, seed=1)
MIB = 1 << 20
# What the settings allow: the program and its stages, RocksDB's cache and write buffers (rocks/db.h).
MEMORY_MAX = (128 + 64 + 128) * MIB
LONG = "x" * 4000


class Reader(Tracker):
    """Its events are long, so that what a target misses does not fit into memory by chance."""

    def event(self, kind=None):
        return {**super().event(kind), "url": f"http://example.com/?{LONG}", "refr": f"http://example.net/?{LONG}"}


def forward(directory, webhook, name, source="media", transform=""):
    return write(directory, name, f'source {{\n use "stream" {{\n name = "{source}"\n }}\n}}\n{transform}'
                 "retry {\n transient {\n delay_ms = 20\n max_attempts = 0\n }\n}\n"
                 f'target {{\n use "http" {{\n url = "{webhook.url}"\n }}\n}}\n')


def memory_peak(lvp):
    with open(f"/proc/{lvp.process.pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) * 1024


class MediaRecords:
    """The stream of media records, read on and on: the media stage must not stand still."""

    def __init__(self):
        self.stream, self.came = Stream("media"), {}

    def read_on(self, lvp):
        """How many there are by now."""
        for record in self.stream.read_on(lvp):
            value = record["value"]
            self.came.setdefault(value.get("domain_userid") or value["viewer_id"], {}).setdefault(value["event_id"])
        return sum(map(len, self.came.values()))

    def events(self):
        return {device: list(events) for device, events in self.came.items()}


class Load:
    """Trackers that send as long as it lasts."""

    def __init__(self, kind):
        self.world = World()
        self.trackers = [kind(self.world, number) for number in range(DEVICES)]

    def __enter__(self):
        for tracker in self.trackers:
            tracker.start()
        return self

    def __exit__(self, *_):
        self.world.set(over=True)

    def stop(self):
        """By device the events that were acknowledged, which are all."""
        self.world.pause(DEVICES)
        return {tracker.device: list(tracker.acknowledged) for tracker in self.trackers}


class BridgeCrash(unittest.TestCase):
    def test_a_target_is_killed_for_a_while(self):
        to_json = 'transform {\n use "spEnrichedToJson" {}\n}\n'
        with folder() as data, Webhook(os.path.join(data, "here")) as here, Webhook(os.path.join(data, "away")) as away:
            files = {"here": forward(data, here, "here.hcl"),
                     "away": forward(data, away, "away.hcl", "enriched", to_json)}
            table = "{" + ", ".join(f"{name} = {json.dumps(path)}" for name, path in files.items()) + "}"
            with Lvp(data, bridge__forward=table) as lvp, Load(Reader) as load:
                media = MediaRecords()
                load.world.set(program=lvp)
                begin = away.size()
                until(lambda: away.size() > begin and here.size() > begin, "both are told of events")
                away.kill()
                told, end = away.size(), time.monotonic() + OPTIONS.away
                while time.monotonic() < end:
                    seen, heard = media.read_on(lvp), here.size()
                    until(lambda s=seen: media.read_on(lvp) > s, "the media stage goes on")
                    until(lambda h=heard: here.size() > h, "the other target is told")
                self.assertEqual(away.size(), told)
                self.assertGreater(retries(lvp), 0)
                away.start()
                # The waits between attempts double, so the next may be as far away as the first is past.
                until(lambda: away.size() > told + 1, "it is told again", OPTIONS.away + 20)
                sent = load.stop()
                while away.events() != sent:  # however long that takes: others may have the processors
                    heard = away.size()
                    until(lambda h=heard: away.size() > h or away.events() == sent, "it is told of the rest, in order")
                until(lambda: here.events() == sent, "the other has all, in order")
                media.read_on(lvp)
                self.assertEqual(media.events(), sent)
                peak = memory_peak(lvp)
                print(f"{sum(map(len, sent.values()))} events; at most {peak / MIB:.0f} MiB in memory", file=sys.stderr)
                if PATIENCE == 1:  # else a sanitizer's own memory is in it
                    self.assertLess(peak, MEMORY_MAX)

    def test_the_program_is_killed(self):
        points = random.Random(OPTIONS.seed)
        with folder() as data, Webhook(os.path.join(data, "here")) as here, Load(Tracker) as load:
            config = write(data, "config.hcl", ACCELERATOR)
            table = "{here = %s}" % json.dumps(forward(data, here, "here.hcl"))
            for _ in range(OPTIONS.kills):
                lvp, told = Lvp(data, bridge__config=config, bridge__forward=table), here.size()
                load.world.set(program=lvp)
                enough = told + points.randint(1, 50_000)
                until(lambda e=enough: here.size() > e, "the target is told")
                load.world.set(program=None)
                lvp.kill()
            with Lvp(data, bridge__config=config, bridge__forward=table) as lvp, self.subTest(f"--seed {OPTIONS.seed}"):
                load.world.set(program=lvp)
                sent = load.stop()
                until(lambda: here.events() == sent, "the target has all, in order")
                media = MediaRecords()
                media.read_on(lvp)
                self.assertEqual(media.events(), sent)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    for name, value in vars(OPTIONS).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=sys.argv[:1])
