#!/usr/bin/env python3
"""The stages as processes of their own on a real Kafka: how many events a second each one takes, what that costs the
stage and the broker, how it grows with processes, how long a hand-over takes, and how soon what happens is shown.

    cmake --build build/release --target lvp && bench/kafka.py

An audience is collected first; then each stage reads all of it, with 1, 2 and 4 processes, while nothing else runs;
then one of two profile processes leaves. At last everything runs at once, at a given load. docs/benchmarks.md says what the numbers mean.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True

import servers  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SERVICES = os.path.join(ROOT, "tools/services")
STREAMS = ("raw", "later", "parked", "enriched", "media", "updates", "state", "bad")
TICKS = os.sysconf("SC_CLK_TCK")
WAIT = 300  # seconds that a stage may take


def cpu_seconds(pid):
    """User and system time of all threads so far."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Process:
    """`lvp up --stages`."""

    def __init__(self, options, folder, stages, *settings):
        arguments = [options.lvp, "up", "--stages", stages, "--data", tempfile.mkdtemp(dir=folder)]
        for setting in ["private.port=0", "player.enabled=false", "collector.port=0", "log.level=error", *settings]:
            arguments += ["--set", setting]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{stages}: did not start, ended with {self.process.wait()}")
        self.ready = json.loads(line)
        self.pid = self.process.pid

    def metric(self, name):
        """The sum of a metric over its labels."""
        with urllib.request.urlopen(self.ready["private"] + "/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith((name + " ", name + "{")) and not line.startswith("#"))

    def records(self, stage):
        """What all threads of the stage have read."""
        with urllib.request.urlopen(self.ready["private"] + "/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith(f'lvp_stage_records{{stage="{stage}'))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process.stdout.close()


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder, self.runs = options, folder, 0
        with open(os.path.join(os.environ["LVP_SERVICES_CONTROL"], "kafka-1.pid"), encoding="utf-8") as file:
            self.broker = int(file.read())
        self.topics = {stream: f"bench-{stream}" for stream in STREAMS}

    def settings(self, topics, name="bench"):
        return [f"kafka.brokers={os.environ['LVP_KAFKA_BROKERS']}", f"kafka.name={name}", "kafka.replication=1",
                f"streams.partitions={self.options.partitions}", "profile.settle=0s",
                *(f"streams.{stream}=kafka:{topic}" for stream, topic in topics.items()), *self.options.set]

    def start(self, stages, *more, topics=None, name="bench"):
        return Process(self.options, self.folder, stages, *self.settings(topics or self.topics, name), *more)

    def simulate(self, collector, *arguments):
        done = subprocess.run([self.options.lvp, "simulate", "--collector", collector, *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        lines = done.stdout.splitlines()
        if not lines or not lines[-1].startswith("{"):
            raise SystemExit(f"lvp simulate ended with {done.returncode}:\n{done.stdout}")
        return json.loads(lines[-1])

    # An audience that all stages read in turn.
    def fill(self):
        collect = self.start("collect")
        began, own, broker = time.monotonic(), cpu_seconds(collect.pid), cpu_seconds(self.broker)
        report = self.simulate(collect.ready["collector"], "--viewers", str(self.options.viewers), "--duration",
                               f"{self.options.seconds}s", "--ping", "2s", "--activity", "5s", "--connections", "256")
        seconds = time.monotonic() - began
        row("collect", 1, report["events"], seconds, cpu_seconds(collect.pid) - own, cpu_seconds(self.broker) - broker)
        collect.stop()
        return report["requests"], report["events"]

    # The outputs of the first run are what the next stage reads; those of others go nowhere.
    def measure(self, stage, records, processes):
        self.runs += 1
        topics, name = dict(self.topics), f"bench{self.runs}"
        reads = {"enrich": ("raw",), "bridge": ("enriched",), "profile": ("media", "raw", "enriched")}[stage]
        if processes > 1 or stage == "profile":
            topics = {s: t if s in reads else f"{t}-{name}" for s, t in topics.items()}
        began, broker = time.monotonic(), cpu_seconds(self.broker)
        all_of_them = [self.start(stage, topics=topics, name=name) for _ in range(processes)]
        own = {p.pid: 0.0 for p in all_of_them}
        first = None
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            done = sum(p.records(stage) for p in all_of_them)
            if first is None and done > 0:
                first, first_done, broker = time.monotonic(), done, cpu_seconds(self.broker)
                own = {p.pid: cpu_seconds(p.pid) for p in all_of_them}
            if done >= records:
                break
            time.sleep(0.05)
        else:
            raise SystemExit(f"{stage}: {done:.0f} of {records} records after {WAIT} s")
        seconds = time.monotonic() - (first or began)
        row(stage, processes, done - first_done, seconds, sum(cpu_seconds(p) - cpu for p, cpu in own.items()),
            cpu_seconds(self.broker) - broker)
        for process in all_of_them:
            process.stop()

    # From SIGTERM to one of two profile processes until the other one goes on with all partitions.
    def hand_over(self, records, standby):
        self.runs += 1
        name = f"bench{self.runs}"
        topics = {s: t if s == "media" else f"{t}-{name}" for s, t in self.topics.items()}

        def partitions(process):
            return process.metric("lvp_profile_partitions")

        setting = f"profile.standby={str(standby).lower()}"
        one = self.start("profile", setting, topics=topics, name=name)
        servers.until(lambda: one.records("profile") >= records, "all is folded", WAIT)
        other = self.start("profile", setting, topics=topics, name=name)
        servers.until(lambda: 0 < partitions(other) == self.options.partitions - partitions(one), "partitions are shared",
                      WAIT)
        began = time.monotonic()
        one.process.send_signal(signal.SIGTERM)
        servers.until(lambda: partitions(other) == self.options.partitions, "partitions are taken over", WAIT)
        seconds = time.monotonic() - began
        print(f"hand-over, {self.options.viewers} viewers, {'with' if standby else 'without'} a standby: {seconds:.1f} s",
              flush=True)
        one.stop()
        other.stop()

    def latency(self):
        topics = {stream: f"{topic}-live" for stream, topic in self.topics.items()}
        collect = self.start("collect", topics=topics, name="live")
        serve = self.start("serve", topics=topics, name="live")
        others = [self.start(stage, topics=topics, name="live") for stage in ("enrich", "bridge", "profile")]
        while serve.metric("lvp_stage_caught_up") < 1:
            time.sleep(0.1)
        # The groups come together before anything is counted.
        self.simulate(collect.ready["collector"], "--viewers", "20", "--duration", "8s", "--ping", "1s")
        broker = cpu_seconds(self.broker)
        report = self.simulate(collect.ready["collector"], "--private", serve.ready["private"], "--verify", "--viewers",
                               str(self.options.live_viewers), "--duration", "40s", "--ping", "5s", "--settle", "5s",
                               "--seed", "2")
        update = report["update_ms"]
        rate = report["events"] / report["seconds"]
        print(f"\neverything at once, {rate:.0f} events/s: from due to shown on /live p50 {update['p50']:.0f}, p99 "
              f"{update['p99']:.0f}, p99.9 {update['p99_9']:.0f} ms; until the answer 200 p50 "
              f"{report['answer_ms']['p50']:.0f}, p99 {report['answer_ms']['p99']:.0f} ms; lost {report['lost']}, "
              f"double {report['doubled']}; broker {cpu_seconds(self.broker) - broker:.1f} CPU s")
        for process in [collect, serve, *others]:
            process.stop()


def row(stage, processes, records, seconds, cpu, broker):
    print(f"{stage:10}{processes:>10}{records:>10.0f}{records / seconds:>12.0f}{1e6 * cpu / records:>14.1f}"
          f"{1e6 * broker / records:>14.1f}{broker / (cpu + broker):>12.0%}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lvp", default=os.path.join(ROOT, "build/release/lvp"), help="the program")
    parser.add_argument("--partitions", type=int, default=12, help="of each topic (%(default)s)")
    parser.add_argument("--viewers", type=int, default=8_000, help="of the audience that is read (%(default)s)")
    parser.add_argument("--seconds", type=int, default=30, help="in which they come (%(default)s)")
    parser.add_argument("--live-viewers", type=int, default=2_000, help="of the audience at the end (%(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="a setting of all processes, such as kafka.exactly_once=true; may be given again")
    parser.add_argument("--processes", default="1,2,4", help="of each stage (%(default)s)")
    options = parser.parse_args()
    if "LVP_KAFKA_BROKERS" not in os.environ:
        os.execv(SERVICES, [SERVICES, "run", "kafka", "--", sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory(prefix="lvp_bench_") as folder:
        bench = Bench(options, folder)
        print(f"{'stage':10}{'processes':>10}{'records':>10}{'records/s':>12}{'µs of stage':>14}{'µs of broker':>14}"
              f"{'its share':>12}")
        requests, events = bench.fill()
        for stage, records in (("enrich", requests), ("bridge", events), ("profile", events)):
            for processes in [int(count) for count in options.processes.split(",")]:
                bench.measure(stage, records, processes)
        print()
        for standby in (True, False):
            bench.hand_over(events, standby)
        bench.latency()


if __name__ == "__main__":
    main()
