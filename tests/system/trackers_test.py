"""Official trackers, as their registries deliver them, against the running program.

Each folder of tests/trackers is a client: a small program around one tracker. It is copied to LVP_TRACKERS
(build/PRESET/trackers) and installed there with everything it downloads, so the next run downloads nothing.

    client := COMMAND COLLECTOR METHOD USER DEVICE PLAY ["anonymous"]
    METHOD := "post" | "get"
    output := { "event " ID " " NAME | "cookie " NAME }        a line each

It tracks, in this order and through the tracker's public functions, a page view, a structured event, and the
media events of one play that is watched to its end, as user USER on device DEVICE with the media session PLAY. It
prints the events that the tracker says it delivered, and the cookies that answers set; it ends with 0 if and only
if every event was delivered. A browser makes the ids of devices itself: DEVICE is not used there.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import urllib.parse
import uuid

from lvp import PATIENCE, TP2, Lvp, folder, until

SOURCES = pathlib.Path(__file__).resolve().parents[1] / "trackers"
BUILT = pathlib.Path(os.environ["LVP_TRACKERS"]).resolve()
CACHE = BUILT / "cache"
INSTALL_MAX_S = 240
RUN_MAX_S = 120 * PATIENCE
NIL = "00000000-0000-0000-0000-000000000000"

EVENTS = ["page_view", "event", "play_event", "ping_event", "pause_event", "end_event"]
# What the play went through, and by which event. The ping changes nothing.
TIMELINE = [("PLAYING", "play_event"), ("PAUSED", "pause_event"), ("ENDED", "end_event")]
STRUCT = {"se_category": "shop", "se_action": "open", "se_label": "Füße", "se_value": "1.25"}


@dataclasses.dataclass(frozen=True)
class Client:
    version: str  # v_tracker
    install: tuple  # commands
    run: tuple


CLIENTS = {
    "browser": Client("js-4.6.6", (["npm", "ci", "--loglevel=error"],), ("node", "client.js")),
    "node": Client("node-4.8.0", (["npm", "ci", "--loglevel=error"],), ("node", "client.js")),
    "python": Client("py-1.1.0", ([sys.executable, "-m", "venv", "venv"],
                                  ["venv/bin/pip", "install", "-q", "-r", "requirements.txt"]),
                     ("venv/bin/python", "client.py")),
    # Debian's Go comes with its standard library compiled, which saves most of a minute.
    "go": Client("golang-3.1.0", (["/usr/bin/go", "build", "-o", "client", "."],), ("./client",)),
    "java": Client("java-1.0.1", (["mvn", "-B", "-q", f"-Dmaven.repo.local={CACHE}/maven",
                                   "dependency:copy-dependencies"],),
                   ("java", "-Dfile.encoding=UTF-8", "-cp", "lib/*", "Client.java")),
}

# Tracker, method, anonymous. The Java tracker has no GET.
CASES = [("browser", "post", False), ("browser", "get", False), ("browser", "post", True), ("browser", "get", True),
         ("node", "post", False), ("node", "get", False), ("python", "post", False), ("python", "get", False),
         ("go", "post", False), ("go", "get", False), ("java", "post", False)]

# Everything that is downloaded stays in CACHE.
ENVIRONMENT = {**os.environ, "npm_config_cache": f"{CACHE}/npm", "PIP_CACHE_DIR": f"{CACHE}/pip",
               "GOPATH": f"{CACHE}/go", "GOCACHE": f"{CACHE}/go-build", "GOFLAGS": "-modcacherw", "GOROOT": ""}


def execute(command, where, limit_s):
    """What a command prints to standard output; fails with all it said."""
    if shutil.which(command[0]) is None and not (where / command[0]).exists():
        raise AssertionError(f"{command[0]} is missing: tools/install --test installs it")
    done = subprocess.run(command, cwd=where, env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8",
                          timeout=limit_s, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} in {where} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def installed(name):
    """The folder of a client that is ready to run: installed before from the same files, or now."""
    source, built = SOURCES / name, BUILT / name
    client = CLIENTS[name]
    digest = hashlib.sha256(f"{built} {client.install}".encode())
    for file in sorted(source.iterdir()):
        digest.update(file.name.encode() + file.read_bytes())
    stamp = built / "installed"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        shutil.rmtree(built, ignore_errors=True)
        shutil.copytree(source, built)
        for command in client.install:
            execute(command, built, INSTALL_MAX_S)
        stamp.write_text(digest.hexdigest())
    return built


@dataclasses.dataclass
class Sent:
    """What a client says it delivered."""

    events: dict  # name of each event by its id
    cookies: set
    user: str
    device: str
    play: str


def send(collector, name, method, anonymous):
    sent = Sent({}, set(), *(f"{name}-{what}-{uuid.uuid4()}" for what in ("user", "device", "play")))
    command = [*CLIENTS[name].run, collector, method, sent.user, sent.device, sent.play]
    output = execute(command + ["anonymous"] * anonymous, installed(name), RUN_MAX_S)
    for line in output.splitlines():
        kind, *words = line.split(" ")
        if kind == "event":
            sent.events[words[0]] = words[1]
        else:
            sent.cookies.add(words[0])
    return sent


def event_ids(payload):
    """The ids of the events in a recorded request."""
    if payload.get("body"):
        events = json.loads(payload["body"])["data"]
    else:
        events = [dict(urllib.parse.parse_qsl(payload["querystring"], keep_blank_values=True))]
    return [event["eid"] for event in events]


class Trackers(unittest.TestCase):
    def test_every_event_arrives_and_is_understood(self):
        with folder() as data, Lvp(data) as self.lvp:
            for name, method, anonymous in CASES:
                with self.subTest(tracker=name, method=method, anonymous=anonymous):
                    bad = self.lvp.records("bad")
                    sent = send(self.lvp.collector, name, method, anonymous)
                    with self.subTest(sent=sent):
                        self.assertEqual(sorted(sent.events.values()), sorted(EVENTS))
                        self.check_raw(sent, method)
                        events = self.check_enriched(sent, bad)
                        self.check_columns(events, sent, name)
                        self.check_identity(events, sent, name, anonymous)
                        self.check_viewer(sent, sent.play if anonymous else sent.user)

    def check_raw(self, sent, method):
        """Every event is in `raw` once, in requests of that method."""
        found = []
        for record in self.lvp.records("raw"):
            ids = [event_id for event_id in event_ids(record["value"]) if event_id in sent.events]
            if ids:
                self.assertEqual(record["value"]["path"], TP2 if method == "post" else "/i")
            found += ids
        self.assertEqual(sorted(found), sorted(sent.events))

    def check_enriched(self, sent, bad_before):
        """Every event is in `enriched` once and nothing more in `bad`; returns the events."""

        def arrived():
            bad = [record for record in self.lvp.records("bad") if record not in bad_before]
            events = [record["value"] for record in self.lvp.records("enriched")]
            events = [event for event in events if event["event_id"] in sent.events]
            return (events, bad) if bad or len(events) >= len(sent.events) else None

        events, bad = until(arrived, "every event is enriched, or in bad")
        self.assertEqual(bad, [])
        self.assertEqual(sorted(event["event_id"] for event in events), sorted(sent.events))
        return events

    def check_columns(self, events, sent, name):
        for event in events:
            self.assertEqual(event["event_name"], sent.events[event["event_id"]])
            self.assertEqual(event["v_tracker"], CLIENTS[name].version)
            self.assertEqual((event["name_tracker"], event["app_id"]), ("lvp", f"lvp-{name}"))
            self.assertTrue(event["useragent"])
        page = next(event for event in events if event["event_name"] == "page_view")
        self.assertEqual(page["page_title"], "Film")
        struct = next(event for event in events if event["event_name"] == "event")
        self.assertEqual({column: struct.get(column) for column in STRUCT}, STRUCT)

    def check_identity(self, events, sent, name, anonymous):
        """Who sent the events; of an anonymous tracker nobody may learn it."""
        columns = ["user_id", "domain_userid", "network_userid", "user_ipaddress"]
        ids = {column: {event.get(column) for event in events} for column in columns}
        if anonymous:
            self.assertEqual(ids, {"user_id": {None}, "domain_userid": {None}, "network_userid": {NIL},
                                   "user_ipaddress": {"unknown"}})
            self.assertEqual(sent.cookies, set())
            return
        self.assertEqual(ids["user_id"], {sent.user})
        self.assertEqual(ids["user_ipaddress"], {"127.0.0.1"})
        self.assertNotIn(NIL, ids["network_userid"])
        if name == "browser":  # keeps the cookie of the first answer, and has a device id of its own
            self.assertEqual(sent.cookies, {"sp"})
            self.assertEqual(len(ids["network_userid"]), 1)
            self.assertEqual(len(ids["domain_userid"] - {None}), 1)
        else:
            self.assertEqual(ids["domain_userid"], {sent.device})

    def check_viewer(self, sent, viewer):
        """The viewer is on the board with the state that the last event left, after all those before it."""

        def ended():
            viewers = self.lvp.get("/api/v1/viewers?state=ENDED").json()["viewers"]
            return [row for row in viewers if row["viewer"] == viewer]

        row = until(ended, f"viewer {viewer} is ENDED")[0]
        self.assertEqual((row["status"], row["content"], row["position"]), ("COMPLETED_VIDEO", "Film", 10))
        (session,) = self.lvp.get(f"/api/v1/viewers/{viewer}").json()["sessions"]
        self.assertEqual(session["play"], sent.play)
        timeline = [(step["state"], sent.events[step["event_id"]]) for step in session["timeline"]]
        self.assertEqual(timeline, TIMELINE)


if __name__ == "__main__":
    unittest.main()
