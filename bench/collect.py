#!/usr/bin/env python3
"""What a request costs the collector, against the floor (bare epoll) and against nginx.

    cmake --build build/release --target lvp bench_load bench_bare_epoll && bench/collect.py

The servers run one after the other, several rounds, each alone on one processor with the load on another. The cost of
a request is the server's CPU time (all its threads, user and system) over the answers 200, so that neither the load
nor the disk decides; of the rounds the median counts. Another collector that runs on this machine can take its turns:

    bench/collect.py --beside opensnowcat=8080:12345

docs/benchmarks.md says what the numbers mean.
"""

import argparse
import os
import statistics
import sys

sys.dont_write_bytecode = True

import servers  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BATCH = 20  # events in a request of the second measure
TARGETS = {"bare epoll": 0.5, "nginx": 1.0}  # of lvp's requests per CPU second against theirs
TARGET_P99_MS = 5.0
WARM_UP = 3  # seconds: connections, caches, a database whose logs are written over older ones
DISK_WRITE_BYTES, DISK_WRITES = 128 * 1024, 300


def main():
    options = read_options()
    tools = os.path.dirname(os.path.abspath(options.lvp))
    makers = {"bare epoll": lambda: servers.Bare(tools),
              "nginx": servers.Nginx,
              "lvp": lambda: servers.Lvp(options.lvp)}
    for name, port, pid in options.beside:
        makers[name] = lambda name=name, port=port, pid=pid: servers.Running(name, port, pid)
    costs = {(name, events): [] for name in makers for events in (1, BATCH)}
    for number in range(1, options.rounds + 1):
        for name, make in makers.items():
            with make() as server:
                servers.load(tools, server.port, seconds=WARM_UP)
                for events in (1, BATCH):
                    costs[name, events].append(measure(tools, server, events, options.seconds))
                print(f"round {number}: {charged(server) if name == 'lvp' else name}", file=sys.stderr)
    print_costs({key: statistics.median(values) for key, values in costs.items()}, list(makers))
    print_latency(tools, options)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lvp", default=os.path.join(ROOT, "build/release/lvp"),
                        help="the program; bench_load and bench_bare_epoll stand beside it")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median counts (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3, help="of load for each measure (%(default)s)")
    parser.add_argument("--beside", type=running, action="append", default=[], metavar="NAME=PORT:PID",
                        help="a collector that has been started already; may be given again")
    return parser.parse_args()


def running(text):
    name, _, place = text.partition("=")
    port, _, pid = place.partition(":")
    if not name or not port.isdecimal() or not pid.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: NAME=PORT:PID is expected")
    if not os.path.isdir(f"/proc/{pid}"):
        raise argparse.ArgumentTypeError(f"{text!r}: there is no process {pid}")
    return name, int(port), int(pid)


def measure(tools, server, events, seconds):
    """CPU seconds that the server spends on a request."""
    before = cpu_of(server)
    result = servers.load(tools, server.port, seconds=seconds, events=events)
    after = cpu_of(server)
    if result["answers"].keys() != {"200"} or result["broken"] or result["unanswered"]:
        raise SystemExit(f"{server.name}: not every request was answered 200: {result}")
    return (after - before) / result["ok"]


def cpu_of(server):
    if not isinstance(server, servers.Lvp):
        return server.cpu_seconds()
    collecting = server.collecting_cpu_seconds()
    return server.cpu_seconds() if collecting is None else collecting


def charged(server):
    """What of the program the cost is that of."""
    if server.alone:
        return "lvp collect, all its threads"
    if server.collecting_cpu_seconds() is not None:
        return "lvp up, the threads " + " and ".join(sorted(servers.COLLECTING))
    return "lvp up, all stages: threads have no names"


def print_costs(cost, names):
    print(f"\n{'':12}{'requests of 1 event':>28}{'requests of ' + str(BATCH) + ' events':>36}")
    print(f"{'':12}{'/CPU second':>16}{'lvp / it':>12}{'events/CPU second':>24}{'lvp / it':>12}")
    for name in names:
        one, many = cost[name, 1], cost[name, BATCH]
        print(f"{name:12}{1 / one:16.0f}{one / cost['lvp', 1]:12.2f}"
              f"{BATCH / many:24.0f}{many / cost['lvp', BATCH]:12.2f}")
    for name, target in TARGETS.items():
        ratio = cost[name, 1] / cost["lvp", 1]
        print(f"lvp / {name}: {ratio:.2f}, target {target}: {'met' if ratio >= target else 'missed'}")


def print_latency(tools, options):
    """Latency at half of the peak, from the time a request was due. Beside it what it cannot be better than: that of
    the bare server under the same load, which knows no disk, and that of the disk by itself."""
    with servers.Lvp(options.lvp) as server:
        servers.load(tools, server.port, seconds=WARM_UP)
        peak = servers.load(tools, server.port, seconds=options.seconds)["ok_per_second"]
        half = servers.load(tools, server.port, seconds=2 * options.seconds, rate=peak / 2)["latency_us"]
        disk = servers.sync_times(server.folder, DISK_WRITE_BYTES, DISK_WRITES)
    with servers.Bare(tools) as server:
        bare = servers.load(tools, server.port, seconds=options.seconds, rate=peak / 2)["latency_us"]
    print(f"\nmilliseconds to the answer at half of the peak, {peak / 2:.0f} requests/s{'p50':>12}{'p99':>10}")
    rows = {"lvp, with the disk's sync": (half["p50"] / 1000, half["p99"] / 1000),
            "bare epoll, the same load": (bare["p50"] / 1000, bare["p99"] / 1000),
            f"the disk, {DISK_WRITE_BYTES // 1024} KiB and fdatasync": (1000 * percentile(disk, 0.5),
                                                        1000 * percentile(disk, 0.99))}
    for name, (p50, p99) in rows.items():
        print(f"  {name:58}{p50:10.2f}{p99:10.2f}")
    (_, lvp_p99), (_, bare_p99), (_, disk_p99) = rows.values()
    print(f"lvp's p99 / (bare's + disk's): {lvp_p99 / (bare_p99 + disk_p99):.1f};"
          f" target {TARGET_P99_MS} ms: {'met' if lvp_p99 <= TARGET_P99_MS else 'missed'}")


def percentile(values, share):
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


if __name__ == "__main__":
    main()
