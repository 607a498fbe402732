#!/usr/bin/env python3
"""Ten times what the collector can take, for a minute: it must stay within its memory, keep working, and keep its word.

    cmake --build build/release --target lvp bench_load && bench/overload.py

First the peak of useful answers is found with 64 and with 512 connections that wait for their answers. Then the load
offers ten times as many requests in a second. Its connections have more waiting than fits into the collector's queue,
which is made small for that; whoever is refused comes again at once, without the pause that `Retry-After` asks for.
Ends with 1 if a promise was broken:

    memory    VmHWM below the ceiling printed: what the settings allow, summed up
    goodput   answers 200 in a second, at least 90 % of the peak; again so when the overload is over
    answers   200, 429 or 503, and no connection was dropped
    kept      each event of a request answered 200 is in `raw`
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True

import servers  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MIB = 1 << 20
TIMES = 10  # the overload, in peaks
PEAK_CONNECTIONS = (64, 512)
CONNECTIONS = 4000
GOODPUT_SHARE = 0.9
REFUSALS = {"429", "503"}

EVENT_ID = re.compile(rb'\\"eid\\":\\"([0-9a-f-]{36})')


def main():
    options = read_options()
    tools = os.path.dirname(os.path.abspath(options.lvp))
    # Nothing is trimmed: it is to be counted.
    settings = {"collector.queue_bytes_max": options.queue_bytes, "streams.bytes_max": 1 << 40}
    with tempfile.TemporaryDirectory(prefix="lvp_bench_") as folder, servers.Lvp(options.lvp, **settings) as lvp:
        files = []

        def load(**how):
            files.append(os.path.join(folder, str(len(files))))
            return servers.load(tools, lvp.port, acknowledged=files[-1], **how)

        def best():
            return max(load(connections=n, seconds=options.seconds / 10)["ok_per_second"] for n in PEAK_CONNECTIONS)

        peak = best()
        with Memory(lvp.pid) as memory:
            during = load(connections=CONNECTIONS, rate=TIMES * peak, seconds=options.seconds)
        after = best()
        lvp.stop()
        print_load(peak, during, after)
        in_windows = 0 if lvp.alone else sum(map(count_lines, files))
        ok = [check_memory(memory, ceiling(options.queue_bytes, in_windows)),
              check_goodput(peak, during, after),
              check_answers(during),
              check_kept(options.lvp, lvp.folder, files)]
    return 0 if all(ok) else 1


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lvp", default=os.path.join(ROOT, "build/release/lvp"),
                        help="the program; bench_load stands beside it")
    parser.add_argument("--seconds", type=float, default=60, help="of overload (%(default)s)")
    parser.add_argument("--queue-bytes", type=int, default=MIB // 4,
                        help="collector.queue_bytes_max; with the default of 64 MiB everybody waits (%(default)s)")
    return parser.parse_args()


class Memory:
    """Looks at a process's memory twice a second: the most it had resident, and where it was at the end."""

    def __init__(self, pid):
        self.pid = pid
        self.rss = []
        self.peak = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.look()

    def watch(self):
        while not self.over.wait(0.5):
            self.look()

    def look(self):
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
            fields = dict(line.split(":", 1) for line in file)
        self.rss.append(int(fields["VmRSS"].split()[0]) / 1024)
        self.peak = int(fields["VmHWM"].split()[0]) / 1024


def ceiling(queue_bytes, events_in_windows):
    """MiB that may be in memory at once. RocksDB's are constants of rocks/db.h; eight streams keep their newest records
    (recent_bytes_max of stream/rocks.cc); what waits in the collector's queue is there a second time while it is
    written; a connection has a request, an answer and what its parser keeps; with all stages in the process, each play
    keeps its newest 512 events."""
    parts = {"program and stages": 128, "block cache": 64, "write buffers": 128, "newest records": 8 * 8,
             "queue, waiting and in writing": 3 * queue_bytes / MIB,
             "connections": CONNECTIONS * 32 / 1024,
             "events in windows": events_in_windows * 1.25 / 1024}
    return sum(parts.values())


def count_lines(name):
    with open(name, "rb") as file:
        return sum(1 for _ in file)


def print_load(peak, during, after):
    offered = during["sent"] + during["late"]
    refused = sum(count for status, count in during["answers"].items() if status in REFUSALS)
    seconds = during["seconds"]
    print(f"peak     {peak:.0f} requests/s answered 200")
    print(f"overload {offered / seconds / peak:.1f} peaks were due in a second through {CONNECTIONS} connections;"
          f" {during['sent'] / seconds / peak:.1f} peaks were sent, as connections became free")
    print(f"         {during['ok_per_second'] / peak:.2f} peaks answered 200, {refused / seconds / peak:.2f} refused")
    print(f"after    {after / peak:.2f} peaks")


def verdict(name, ok, text):
    print(f"{name:8} {'ok' if ok else 'BROKEN':7} {text}")
    return ok


def check_memory(memory, most):
    return verdict("memory", memory.peak <= most,
                   f"at most {memory.peak:.0f} MiB, ceiling {most:.0f}; {memory.rss[0]:.0f} at first,"
                   f" {memory.rss[len(memory.rss) // 2]:.0f} half way, {memory.rss[-1]:.0f} at the end")


def check_goodput(peak, during, after):
    shares = (during["ok_per_second"] / peak, after / peak)
    return verdict("goodput", min(shares) >= GOODPUT_SHARE,
                   f"{shares[0]:.0%} of the peak during, {shares[1]:.0%} after; at least {GOODPUT_SHARE:.0%}")


def check_answers(during):
    others = during["answers"].keys() - REFUSALS - {"200"}
    lost = during["broken"] + during["unanswered"]
    return verdict("answers", not others and not lost,
                   f"{during['answers']}, {during['broken']} dropped, {during['unanswered']} unanswered")


def check_kept(program, data, files):
    acknowledged = set()
    for name in files:
        with open(name, "rb") as file:
            acknowledged.update(file.read().split())
    kept, seen = set(), 0
    # The folder is nobody's now, so the records are read from it; ids are found without decoding the JSON around them.
    with subprocess.Popen([program, "tail", "raw", "--data", data, "--from-start", "--no-follow"],
                          stdout=subprocess.PIPE) as tail:
        for line in tail.stdout:
            seen += 1
            kept.update(EVENT_ID.findall(line))
    if tail.returncode != 0:
        raise SystemExit(f"lvp tail raw ended with {tail.returncode}")
    missing = len(acknowledged - kept)
    return verdict("kept", missing == 0,
                   f"{len(acknowledged)} events acknowledged, {missing} of them missing in {seen} records of raw")


if __name__ == "__main__":
    sys.exit(main())
