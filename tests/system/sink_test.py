"""The sink: the accelerator's table and that of profiles, in DynamoDB and in PostgreSQL, as other programs find them.

Run under `tools/services run kinesis dynamodb postgres`.
"""

import base64
import json
import os
import subprocess
import sys
import time
import unittest
import urllib.error
import uuid

from aws import dynamodb, kinesis
from lvp import DATA, Lvp, folder, media_event, payload, run, until

SERVICES = os.path.join(os.path.dirname(__file__), "..", "..", "tools", "services")
POSTGRES = os.environ["LVP_POSTGRES_URL"]
SAMPLE = os.path.join(DATA, "bugs_bunny.tsv")
VIEWER = "143f9cb9-3db9-4e99-8d67-c8aea075d190"

# What the accelerator leaves in its table of the sample, in the order of the file: the transitions of its machine
# (exact mode in docs/compatibility.md), with what its messages say of each. adId and both counts come from the ad and
# session entities of these rows.
TRANSITIONS = [
    ("2024-11-16T13:33:29.170Z", "WATCHING_VIDEO", 0.0, 0, 0, 0),
    ("2024-11-16T13:33:30.146Z", "PAUSED_VIDEO", 0.112652, 0, 0, 288),
    ("2024-11-16T13:33:38.601Z", "WATCHING_VIDEO", 0.16254, 0, 0, 0),
    ("2024-11-16T13:34:08.349Z", "WATCHING_AD", 29.926184, 0, 0, 0),
    ("2024-11-16T13:34:17.768Z", "WATCHING_VIDEO", 30.120879, 1, 1, 0),
    ("2024-11-16T13:34:48.339Z", "WATCHING_AD", 60.674818, 1, 1, 0),
    ("2024-11-16T13:34:52.978Z", "WATCHING_VIDEO", 60.69049, 1, 3, 0),
    ("2024-11-16T13:34:59.778Z", "PAUSED_VIDEO", 67.502404, 1, 3, 0),
]
EXPECTED = {at: {"viewer_id": ("S", VIEWER), "collector_tstamp": ("S", at), "status": ("S", status),
                 "video_ts": ("N", position), "adsClicked": ("N", clicked), "adsSkipped": ("N", skipped),
                 "adId": ("N", ad)}
            for at, status, position, clicked, skipped, ad in TRANSITIONS}


class DynamoDb:
    service, url = "dynamodb", "dynamodb:"
    away, back = "pause", "resume"  # what stands in for it holds its tables in memory

    def keys(self, table):
        described = dynamodb("DescribeTable", TableName=table)["Table"]
        types = {a["AttributeName"]: a["AttributeType"] for a in described["AttributeDefinitions"]}
        return [(k["AttributeName"], k["KeyType"], types[k["AttributeName"]]) for k in described["KeySchema"]]

    expected_keys = [("viewer_id", "HASH", "S"), ("collector_tstamp", "RANGE", "S")]

    def items(self, table):
        """Each item as {attribute: (type, value)}; none while there is no table."""
        found, start = [], {}
        while True:
            try:
                page = dynamodb("Scan", TableName=table, ConsistentRead=True, **start)
            except urllib.error.HTTPError as error:
                error.close()
                return []
            found += [{name: self.value(typed) for name, typed in item.items()} for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def value(self, typed):
        (kind, value), = typed.items()
        return kind, float(value) if kind == "N" else value


class Postgres:
    service, url = "postgres", POSTGRES
    away, back = "stop", "start"
    TYPES = {"text": "S", "numeric": "N", "boolean": "BOOL"}

    def ask(self, statement):
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, POSTGRES],
                              capture_output=True, text=True, timeout=20)
        return done.stdout.strip() if done.returncode == 0 else ""

    def keys(self, table):
        return json.loads(self.ask(
            "SELECT json_agg(a.attname ORDER BY array_position(i.indkey::int[], a.attnum::int)) FROM pg_index i "
            "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) "
            f"WHERE i.indrelid = '\"{table}\"'::regclass AND i.indisprimary"))

    expected_keys = ["viewer_id", "collector_tstamp"]

    def items(self, table):
        types = json.loads(self.ask(
            "SELECT json_object_agg(column_name, data_type) FROM information_schema.columns "
            f"WHERE table_name = '{table}'") or "{}")
        rows = json.loads(self.ask(f'SELECT json_agg(t) FROM "{table}" t') or "null") or []
        return [{name: (self.TYPES[types[name]], value) for name, value in row.items() if value is not None}
                for row in rows]


def service(action, name):
    subprocess.run([sys.executable, "-B", SERVICES, action, name], check=True)


def values(item):
    return {name: value for name, (_, value) in item.items()}


class Sink:
    """What must hold wherever the tables are."""

    def setUp(self):
        name = uuid.uuid4().hex[:8]
        self.events, self.profiles = f"video_events_{name}", f"viewer_profiles_{name}"

    def settings(self, **more):
        return {"sink__table": self.database.url, "sink__events": self.events, "sink__profiles": self.profiles,
                "profile__mode": "exact", "profile__settle": "0s", **more}

    def watch(self, lvp, device, kind, **more):
        event = media_event(str(uuid.uuid4()), device, kind, int(time.time() * 1000), **more)
        self.assertEqual(lvp.post(payload(event)).status, 200)

    def statuses(self):
        """Of each viewer, in the order of time: without Z, a whole second is before its parts, as text, too."""
        found = {}
        items = [values(item) for item in self.database.items(self.events)]
        for item in sorted(items, key=lambda item: item["collector_tstamp"].rstrip("Z")):
            found.setdefault(item["viewer_id"], []).append(item["status"])
        return found

    def states(self):
        """Of viewers on devices."""
        return {(item["viewer"], item["device"]): item["state"]
                for item in map(values, self.database.items(self.profiles))
                if not item["viewer"].startswith("lvp:device:")}

    def test_the_sample_leaves_what_the_accelerator_leaves(self):
        stream = f"enriched-{uuid.uuid4().hex[:8]}"
        kinesis("CreateStream", StreamName=stream, ShardCount=1)
        until(lambda: kinesis("DescribeStream", StreamName=stream)["StreamDescription"]["StreamStatus"] == "ACTIVE",
              "the stream is made")
        with open(SAMPLE, "rb") as file:
            for line in file.read().splitlines():
                kinesis("PutRecord", StreamName=stream, PartitionKey=VIEWER, Data=base64.b64encode(line).decode())
        with folder() as data, Lvp(data, arguments=["--stages", "bridge,profile,serve,sink"],
                                   **self.settings(streams__enriched=f"kinesis:{stream}",
                                                   kinesis__lease_table=f"leases-{stream}")):
            until(lambda: len(self.database.items(self.events)) >= len(EXPECTED), "as many items")
            items = self.database.items(self.events)
            self.assertEqual({item["collector_tstamp"][1]: item for item in items}, EXPECTED)
            self.assertEqual(len(items), len(EXPECTED))
            self.assertEqual(self.database.keys(self.events), self.database.expected_keys)
            # One viewer on one device, with what the last row says of the video; 67.55 s is how long it played by
            # the device's clock.
            until(lambda: "2024-11-16T13:35:23" in json.dumps(self.database.items(self.profiles)), "the last row")
            self.assertEqual(list(self.states()), [(VIEWER, VIEWER)])
            profile = next(item for item in self.database.items(self.profiles) if item["viewer"][1] == VIEWER)
            expected = {"content": ("S", "Bugs Bunny"), "position_s": ("N", 67.502404), "rate": ("N", 1),
                        "duration_s": ("N", 596.474195), "live": ("BOOL", False), "platform": ("S", "web"),
                        "plays": ("N", 1), "play_time_s": ("N", 67.55)}
            self.assertEqual({name: profile[name] for name in expected}, expected)

    def test_profiles_follow_and_are_forgotten(self):
        alice, bob = str(uuid.uuid4()), str(uuid.uuid4())
        with folder() as data:
            with Lvp(data, **self.settings(profile__mode="mapped")) as lvp:
                self.watch(lvp, alice, "play_event")
                self.watch(lvp, bob, "play_event")
                until(lambda: self.states() == {(alice, alice): "PLAYING", (bob, bob): "PLAYING"}, "both play")
                self.watch(lvp, alice, "pause_event", paused=True)
                until(lambda: self.states() == {(alice, alice): "PAUSED", (bob, bob): "PLAYING"}, "one pauses")
                self.assertEqual(self.statuses(), {alice: ["WATCHING_VIDEO", "PAUSED_VIDEO"], bob: ["WATCHING_VIDEO"]})
                code, _, err = run("forget", alice, "--data", data)
                self.assertEqual(code, 0, err)
                until(lambda: list(self.states()) == [(bob, bob)], "one is forgotten")
                until(lambda: len(self.database.items(self.profiles)) == 2, "the device of the one, too")
            code, _, err = run("forget", bob, "--data", data)
            self.assertEqual(code, 0, err)
            with Lvp(data, **self.settings(profile__mode="mapped")):
                until(lambda: self.database.items(self.profiles) == [], "the other, while the program was stopped")

    def test_a_table_that_is_away_holds_up_nobody_and_misses_nothing(self):
        viewers = [f"viewer-{n:03}" for n in range(60)]
        with folder() as data, Lvp(data, **self.settings()) as lvp:
            for viewer in viewers[:20]:
                self.watch(lvp, viewer, "play_event")
            until(lambda: len(self.statuses()) == 20, "the first are there")
            service(self.database.away, self.database.service)
            try:
                for viewer in viewers[20:]:
                    self.watch(lvp, viewer, "play_event")
                for viewer in viewers:
                    self.watch(lvp, viewer, "pause_event", paused=True)
                until(lambda: [v["state"] for v in lvp.get("/api/v1/viewers").json()["viewers"]] == ["PAUSED"] * 60,
                      "the board is right meanwhile")
                self.assertEqual(lvp.get("/readyz").status, 200)
                until(lambda: self.failing(lvp), "what is wrong with the table is told")
                for viewer in viewers:
                    self.watch(lvp, viewer, "play_event")
            finally:
                service(self.database.back, self.database.service)
            both = ["WATCHING_VIDEO", "PAUSED_VIDEO", "WATCHING_VIDEO"]
            self.until_equal(self.statuses, {viewer: both for viewer in viewers})
            self.until_equal(self.states, {(viewer, viewer): "PLAYING" for viewer in viewers})

    def until_equal(self, ask, expected):
        """Waits for it; tells what differs if it does not come."""
        try:
            until(lambda: ask() == expected, "equal")
        except AssertionError:
            found = ask()
            self.assertEqual({key: found.get(key) for key in expected if found.get(key) != expected[key]}, {})
            self.assertEqual(found, expected)

    def failing(self, lvp):
        return 'lvp_stage_failing{stage="sink"} 1' in lvp.get("/metrics").body.decode()


class InDynamoDb(Sink, unittest.TestCase):
    database = DynamoDb()


class InPostgres(Sink, unittest.TestCase):
    database = Postgres()

    def test_what_cannot_be_got_over_stops_the_sink_alone(self):
        with folder() as data:
            with Lvp(data, log__level="error", **self.settings(sink__create="false")) as lvp:
                viewer = str(uuid.uuid4())
                self.watch(lvp, viewer, "play_event")
                until(lambda: lvp.get(f"/api/v1/viewers/{viewer}").status == 200, "the others go on")
                self.assertEqual(lvp.get("/readyz").status, 200)
            with Lvp(data, **self.settings()):
                until(lambda: self.statuses() == {viewer: ["WATCHING_VIDEO"]}, "it goes on where it was")

    def test_no_password_is_shown(self):
        secret = "hush-hush"
        url = f"postgres://lvp:{secret}@127.0.0.1:1/none"
        code, out, err = run("check", "--set", f"sink.table={url}")
        self.assertEqual(code, 0, err)
        self.assertNotIn(secret, out)
        code, out, err = run("up", "--stages", "sink", "--set", f"sink.table={url}", "--set", "private.port=x")
        self.assertEqual(code, 2)
        self.assertNotIn(secret, out + err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
