"""Stages as processes of their own that share topics of a real Kafka. Run under `tools/services run kafka`."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import uuid

from lvp import PATIENCE, PROGRAM, WAIT, Lvp, until

PARTITIONS = 12
BROKERS = os.environ["LVP_KAFKA_BROKERS"]
CONTROL = os.environ["LVP_SERVICES_CONTROL"]
SERVICES = os.path.join(os.path.dirname(__file__), "..", "..", "tools", "services")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cluster:
    """Processes that share topics of their own."""

    def __init__(self, root, partitions=PARTITIONS, **settings):
        self.root, self.count = root, 0
        self.stack = contextlib.ExitStack()
        name = f"t{uuid.uuid4().hex[:8]}"
        topics = {f"streams__{s}": f"kafka:{name}-{s}"
                  for s in ("raw", "later", "parked", "enriched", "media", "updates", "state", "bad")}
        self.topics = {s: f"{name}-{s}" for s in ("raw", "enriched", "media", "updates", "state", "bad")}
        self.settings = {**topics, "kafka__brokers": BROKERS, "kafka__name": name, "kafka__replication": 1,
                         "streams__partitions": partitions, "profile__settle": "0s", **settings}
        self.port = free_port()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        return self.stack.__exit__(*what)

    def start(self, stages, **settings):
        self.count += 1
        if stages == "collect":
            settings = {"collector__port": self.port, "collector__share_port": "true", **settings}
        lvp = Lvp(os.path.join(self.root, str(self.count)), arguments=["--stages", stages],
                  **{**self.settings, **settings})
        self.stack.callback(lambda: lvp.process.poll() is None and lvp.stop(wait=3 * WAIT))
        return lvp

    def replace(self, lvp, stages, **settings):
        """The new one is there before the old one goes."""
        new = self.start(stages, **settings)
        lvp.stop()
        return new


def ready(lvp):
    return until(lambda: lvp.get("/readyz").status == 200, "ready")


def restored(lvp):
    """How many partitions were restored by that process."""
    for line in lvp.get("/metrics").body.decode().splitlines():
        if line.startswith("lvp_profile_restored_total "):
            return float(line.split()[1])
    return 0.0


class Audience:
    """`lvp simulate --verify` beside what a test does."""

    def __init__(self, collector, private, *arguments):
        self.process = subprocess.Popen(
            [PROGRAM, "simulate", "--collector", collector, "--private", private, "--verify", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def plays(self):
        return self.process.poll() is None

    def result(self):
        text, _ = self.process.communicate(timeout=300 * PATIENCE)
        try:
            return self.process.returncode, text, json.loads(text.splitlines()[-1])
        except (IndexError, json.JSONDecodeError):
            raise AssertionError(f"simulate ended with {self.process.returncode}: {text}") from None


def broker(action, number=1):
    """Ends or starts a broker."""
    subprocess.run([sys.executable, "-B", SERVICES, action, f"kafka-{number}"], check=True)


def kafka_tool(main, *arguments, text=None, wait=30):
    """Runs one of Kafka's own command line programs, and returns what it printed."""
    with open(os.path.join(CONTROL, "kafka-1.json")) as file:
        command = json.load(file)["command"]
    classpath = command[command.index("-cp") + 1]
    done = subprocess.run(["java", "-Xmx128m", "-cp", classpath, main, *arguments], input=text, capture_output=True,
                          text=True, timeout=wait)
    assert done.returncode == 0, done.stderr
    return done.stdout
