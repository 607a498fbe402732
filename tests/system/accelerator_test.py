"""The accelerator's shape: Kinesis for raw and enriched events, Kafka for what becomes of them, DynamoDB; and its
formats at the seams, as programs that know nothing of ours write and read them.

Run under `tools/services run kinesis dynamodb kafka`.
"""

import base64
import json
import time
import unittest
import urllib.error
import uuid

from aws import dynamodb, kinesis
from cluster import Cluster, kafka_tool, ready
from lvp import folder, media_event, payload, until

EIGHT = ["collector_tstamp", "event_id", "event_name", "viewer_id", "adsClicked", "adsSkipped", "adId", "video_ts"]


def shard_records(stream):
    """Of every shard, from the oldest on: (partition key, data)."""
    found = []
    for shard in kinesis("DescribeStream", StreamName=stream)["StreamDescription"]["Shards"]:
        iterator = kinesis("GetShardIterator", StreamName=stream, ShardId=shard["ShardId"],
                           ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        records = kinesis("GetRecords", ShardIterator=iterator)["Records"]
        found += [(r["PartitionKey"], base64.b64decode(r["Data"])) for r in records]
    return found


class Accelerator(unittest.TestCase):
    def test_events_pass_every_seam_in_its_format(self):
        name = uuid.uuid4().hex[:8]
        on_kinesis = {f"streams__{s}": f"kinesis:{s}-{name}" for s in ("raw", "enriched", "bad")}
        with folder() as root, Cluster(root, partitions=1, kinesis__shards_if_missing=2,
                                       kinesis__lease_table=f"leases-{name}", streams__later="rocks:",
                                       sink__table="dynamodb:", sink__events=f"video_events-{name}",
                                       sink__profiles=f"viewer_profiles-{name}", **on_kinesis) as cluster:
            collect, serve = cluster.start("collect"), cluster.start("serve")
            for stages in ("enrich", "bridge", "profile", "sink"):
                cluster.start(stages)
            ready(serve)
            now = int(time.time() * 1000)
            ids = [str(uuid.uuid4()) for _ in range(6)]
            for n, event_id in enumerate(ids):
                answer = collect.post(payload(media_event(event_id, f"device-{n % 3}", "play_event", now + n)))
                self.assertEqual(answer.status, 200)
            until(lambda: len(serve.get("/api/v1/viewers").json()["viewers"]) == 3, "three viewers")

            raw = shard_records(f"raw-{name}")
            self.assertEqual(len(raw), 6)
            self.assertTrue(all(b"iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-0" in data
                                for _, data in raw))
            enriched = shard_records(f"enriched-{name}")
            lines = [data.decode().split("\t") for _, data in enriched]
            self.assertEqual({len(line) for line in lines}, {131})
            self.assertEqual({line[6] for line in lines}, set(ids))
            self.assertEqual({key for key, _ in enriched}, {"device-0", "device-1", "device-2"})

            printed = kafka_tool("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server",
                                 cluster.settings["kafka__brokers"], "--topic", cluster.topics["media"],
                                 "--from-beginning", "--max-messages", "6", "--property", "print.key=true",
                                 "--isolation-level", "read_committed", "--timeout-ms", "20000")
            messages = [line.split("\t", 1) for line in printed.splitlines()]
            self.assertEqual({key for key, _ in messages}, {"device-0", "device-1", "device-2"})
            media = [json.loads(value) for _, value in messages]
            self.assertEqual({m["event_id"] for m in media}, set(ids))
            self.assertTrue(all(set(EIGHT) <= set(m) for m in media))

            def scanned():
                try:
                    return dynamodb("Scan", TableName=f"video_events-{name}", ConsistentRead=True)["Items"]
                except urllib.error.HTTPError as error:  # the table is not made yet
                    error.close()
                    return []

            until(lambda: len(scanned()) == 3, "an item for each viewer")
            plays = {item["viewer_id"]["S"]: item for item in scanned()}
            self.assertEqual(set(plays), {"device-0", "device-1", "device-2"})
            for item in plays.values():
                self.assertEqual({key: list(typed) for key, typed in item.items()},
                                 {"viewer_id": ["S"], "collector_tstamp": ["S"], "status": ["S"], "adId": ["N"],
                                  "adsClicked": ["N"], "adsSkipped": ["N"], "video_ts": ["N"]})
                self.assertEqual(item["status"]["S"], "WATCHING_VIDEO")

    def test_eight_fields_alone_drive_the_profiles(self):
        with folder() as root, Cluster(root, partitions=1) as cluster:
            serve = cluster.start("serve")
            cluster.start("profile")
            ready(serve)

            def snowbridge(kind, viewer):
                at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000Z"
                return json.dumps({"collector_tstamp": at, "event_id": str(uuid.uuid4()), "event_name": kind,
                                   "viewer_id": viewer, "adsClicked": 0, "adsSkipped": 0, "adId": 0, "video_ts": 12})

            def send(*records):
                kafka_tool("kafka.tools.ConsoleProducer", "--bootstrap-server",
                           cluster.settings["kafka__brokers"], "--topic", cluster.topics["media"],
                           text="".join(record + "\n" for record in records))

            def states():
                return {v["viewer"]: v["state"] for v in serve.get("/api/v1/viewers").json()["viewers"]}

            send(snowbridge("play_event", "alice"), snowbridge("play_event", "bob"))
            until(lambda: states() == {"alice": "PLAYING", "bob": "PLAYING"}, "both play")
            send(snowbridge("pause_event", "bob"))
            until(lambda: states() == {"alice": "PLAYING", "bob": "PAUSED"}, "one pauses")


if __name__ == "__main__":
    unittest.main(verbosity=2)
