#!/usr/bin/env python3
"""The whole chain: how many events a second go from trackers to the dashboard, what each stage costs, and how soon
what happens is shown.

    cmake --build build/release --target lvp && bench/chain.py

`lvp simulate` plays an audience against `lvp up`, both on all processors, and checks what becomes of every event. The
load is the audience's, open loop: it is sustained if nothing waits in the end. docs/benchmarks.md says what the
numbers mean.
"""

import argparse
import json
import os
import resource
import subprocess
import sys

sys.dont_write_bytecode = True

import servers  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


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


def main():
    options = read_options()
    with Chain(options.lvp) as server:
        before, children_before = server.cpu_seconds_by_thread(), cpu_of_ended_children()
        report = simulate(server, options)
        by_thread = {name: seconds - before.get(name, 0) for name, seconds in server.cpu_seconds_by_thread().items()}
        generator = cpu_of_ended_children() - children_before
        memory = peak_memory(server.pid)
    print_costs(by_thread, generator, report)
    update, events = report["update_ms"], report["events"]
    print(f"\n{events / report['seconds']:.0f} events/s for {report['seconds']:.0f} s, all acknowledged after they were"
          f" on the disk; at most {memory >> 20} MiB")
    print(f"lost {report['lost']}, double {report['doubled']},"
          f" concurrency off by at most {100 * report['concurrency']['error_max']:.3f} %")
    print(f"from due to shown on /live: p50 {update['p50']:.1f}, p99 {update['p99']:.1f}, p99.9 {update['p99_9']:.1f} ms")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lvp", default=os.path.join(ROOT, "build/release/lvp"), help="the program")
    parser.add_argument("--viewers", type=int, default=100_000, help="of the audience (%(default)s)")
    parser.add_argument("--seconds", type=int, default=60, help="in which they come (%(default)s)")
    parser.add_argument("--ping", type=int, default=5, help="seconds between pings of a player (%(default)s)")
    parser.add_argument("--connections", type=int, default=512, help="that the audience shares (%(default)s)")
    return parser.parse_args()


def simulate(server, options):
    arguments = [options.lvp, "simulate", "--collector", server.ready["collector"], "--private", server.ready["private"],
                 "--viewers", str(options.viewers), "--duration", f"{options.seconds}s", "--ping", f"{options.ping}s",
                 "--connections", str(options.connections), "--verify"]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise SystemExit(f"lvp simulate ended with {done.returncode}")
    print("\n".join(lines[:-1]))
    return json.loads(lines[-1])


def cpu_of_ended_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def peak_memory(pid):
    """Bytes."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        fields = dict(line.rstrip().split(":", 1) for line in file)
    return int(fields["VmHWM"].split()[0]) * 1024


def print_costs(by_thread, generator, report):
    events = report["events"]
    print(f"\n{'thread':16}{'CPU s':>8}{'µs an event':>14}")
    rows = sorted(by_thread.items(), key=lambda row: -row[1])
    for name, seconds in [row for row in rows if row[1] > 0.005] + [("the audience", generator)]:
        print(f"{name:16}{seconds:8.2f}{1e6 * seconds / events:14.2f}")


if __name__ == "__main__":
    main()
