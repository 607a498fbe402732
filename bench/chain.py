#!/usr/bin/env python3
"""The whole chain: how many events a second go from trackers to the dashboard, what each stage costs, and how soon
what happens is shown.

    cmake --build build/release --target lvp && bench/chain.py

`lvp simulate` plays an audience against `lvp up`, both on all processors, and checks what becomes of every event. All
viewers come within the ramp. What is measured is the time after it, while the audience stands, or all of it if there is
no ramp. The load is the audience's, open loop: it is sustained if nothing waits in the end. docs/benchmarks.md says
what the numbers mean.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import urllib.request

sys.dont_write_bytecode = True

import servers  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AUDIENCE = "the audience"


class Chain(servers.Lvp):
    """`lvp up` with all of its stages, on any processor."""

    def __init__(self, program):
        super().__init__(program)
        self.alone = False
        self.ready = None

    def run(self, *arguments):
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid

    def read_ready(self):
        self.ready = super().read_ready()
        return self.ready

    def folded(self):
        """Events that have come through to the profiles."""
        with urllib.request.urlopen(f"{self.ready['private']}/metrics", timeout=servers.WAIT) as answer:
            text = answer.read().decode()
        return float(re.search(r'^lvp_stage_records\{stage="profile"\} (\S+)$', text, re.MULTILINE)[1])


class Moment:
    """What was done and used until now."""

    def __init__(self, server, audience):
        self.time = time.monotonic()
        self.events = server.folded()
        self.cpu = server.cpu_seconds_by_thread() | {AUDIENCE: servers.cpu_in(f"/proc/{audience.pid}/stat")}


def main():
    options = read_options()
    with Chain(options.lvp) as server, begin(server, options) as audience:
        time.sleep(options.ramp)
        start = Moment(server, audience)
        time.sleep(options.seconds)
        end = Moment(server, audience)
        report = finish(audience)
        memory = peak_memory(server.pid)
    seconds, events = end.time - start.time, end.events - start.events
    print_costs({name: end.cpu[name] - start.cpu.get(name, 0) for name in end.cpu}, events)
    update = report["update_ms"]
    print(f"{events / seconds:.0f} events/s for {seconds:.0f} s, all acknowledged after they were on the disk;"
          f" sent late by at most {report['late_ms']['max']:.0f} ms; at most {memory >> 20} MiB")
    print(f"lost {report['lost']}, double {report['doubled']},"
          f" concurrency off by at most {100 * report['concurrency']['error_max']:.3f} %")
    print(f"from due to shown on /live: p50 {update['p50']:.1f}, p99 {update['p99']:.1f}, p99.9 {update['p99_9']:.1f} ms")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lvp", default=os.path.join(ROOT, "build/release/lvp"), help="the program")
    parser.add_argument("--viewers", type=int, default=78_000, help="of the audience (%(default)s)")
    parser.add_argument("--ramp", type=int, default=30, help="seconds in which they come (%(default)s)")
    parser.add_argument("--seconds", type=int, default=60, help="after it, which are measured (%(default)s)")
    parser.add_argument("--ping", type=int, default=5, help="seconds between pings of a player (%(default)s)")
    parser.add_argument("--connections", type=int, default=512, help="that the audience shares (%(default)s)")
    return parser.parse_args()


def begin(server, options):
    arguments = [options.lvp, "simulate", "--collector", server.ready["collector"], "--private", server.ready["private"],
                 "--viewers", str(options.viewers), "--duration", f"{options.ramp + options.seconds}s",
                 "--ping", f"{options.ping}s", "--connections", str(options.connections), "--verify"]
    if options.ramp:
        arguments += ["--ramp", f"{options.ramp}s"]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def finish(audience):
    lines = audience.communicate()[0].splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise SystemExit(f"lvp simulate ended with {audience.returncode}")
    print("\n".join(lines[:-1]))
    return json.loads(lines[-1])


def peak_memory(pid):
    """Bytes."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        fields = dict(line.rstrip().split(":", 1) for line in file)
    return int(fields["VmHWM"].split()[0]) * 1024


def print_costs(cpu, events):
    print(f"\n{'thread':16}{'CPU s':>8}{'µs an event':>14}")
    for name, seconds in sorted(cpu.items(), key=lambda row: -row[1]):
        if seconds > 0.005:
            print(f"{name:16}{seconds:8.2f}{1e6 * seconds / events:14.2f}")
    print(f"\n{1e6 * sum(cpu.values()) / events:.1f} µs of processor time an event")


if __name__ == "__main__":
    main()
