"""The pipeline as processes of its own on a real Kafka: nothing is lost or counted twice as they come, go and die.

Run under `tools/services run kafka`, which says where the broker is.
"""

import json
import os
import time
import unittest
import uuid

from cluster import Audience, Cluster, broker, ready, restored
from lvp import WAIT, folder, media_event, payload, run, until
from registry import Registry, resolver


class Distributed(unittest.TestCase):
    def test_a_viewer_appears_and_is_forgotten(self):
        with folder() as root, Cluster(root, partitions=3) as cluster:
            collect = cluster.start("collect")
            serve = cluster.start("serve")
            for stages in ("enrich", "bridge", "profile"):
                cluster.start(stages)
            ready(serve)
            now = int(time.time() * 1000)
            for n in range(20):
                answer = collect.post(payload(media_event(str(uuid.uuid4()), f"device-{n}", "play_event", now)))
                self.assertEqual(answer.status, 200)
            viewers = until(lambda: len(v) == 20 and v if (v := serve.get("/api/v1/viewers").json()["viewers"]) else 0,
                            "twenty viewers")
            self.assertEqual({v["state"] for v in viewers}, {"PLAYING"})
            self.assertEqual(serve.get("/api/v1/viewers/device-7").status, 200)

            again = cluster.start("serve")  # another one has the whole board
            ready(again)
            self.assertEqual(len(again.get("/api/v1/viewers").json()["viewers"]), 20)

            code, _, err = run("forget", "device-7", "--url", serve.private)
            self.assertEqual(code, 0, err)
            self.assertEqual(serve.get("/api/v1/viewers/device-7").status, 404)
            until(lambda: again.get("/api/v1/viewers/device-7").status == 404, "forgotten by the other one, too")
            self.assertEqual(collect.get("/api/v1/viewers").status, 404, "who has no board says so")
            self.assertEqual(serve.records("bad"), [])

    def test_a_broker_that_is_away_is_told_and_comes_back(self):
        def post():
            now = int(time.time() * 1000)
            return collect.post(payload(media_event(str(uuid.uuid4()), "device", "play_event", now)))

        with folder() as root, Cluster(root, partitions=1) as cluster:
            collect = cluster.start("collect")
            serve = cluster.start("serve")
            for stages in ("enrich", "bridge", "profile"):
                cluster.start(stages)
            ready(serve)
            self.assertEqual(post().status, 200)
            broker("kill")
            try:
                refused = until(lambda: answer if (answer := post()).status == 503 else None, "refused")
                self.assertTrue(refused.headers["Retry-After"])
                until(lambda: collect.get("/readyz").status == 503, "not ready")
            finally:
                broker("start")
            kept = until(lambda: sent if (sent := post()).status == 200 else None, "taken again")
            self.assertEqual(kept.status, 200)
            until(lambda: collect.get("/readyz").status == 200, "ready again")
            until(lambda: serve.get("/api/v1/viewers").json()["viewers"], "shown")

    def test_what_waits_for_a_schema_is_gone_on_with_by_others(self):
        def page_view(name):
            entity = {"schema": f"iglu:com.acme/{name}/jsonschema/1-0-0", "data": {}}
            contexts = {"schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0", "data": [entity]}
            return {"e": "pv", "p": "web", "tv": "test", "eid": str(uuid.uuid4()), "co": json.dumps(contexts)}

        def parked(lvp):
            lines = lvp.get("/metrics").body.decode().splitlines()
            return sum(float(line.split()[-1]) for line in lines
                       if line.startswith('lvp_stage_made_total{kind="later",stage="resolve"}'))

        def enriched():
            return sorted(record["value"]["event_id"] for record in serve.records("enriched"))

        with folder() as root, Registry() as registry:
            registry.schemas = {f"com.acme/{name}/jsonschema/1-0-0": "{}" for name in ("dog", "cat")}
            registry.troubled = {"com.acme/dog/jsonschema/1-0-0"}
            with open(os.path.join(root, "resolver.json"), "w", encoding="utf-8") as file:
                file.write(resolver(registry.repository("Acme")))
            with Cluster(root, partitions=3, enrich__resolver=file.name, kafka__exactly_once="true") as cluster:
                collect, serve = cluster.start("collect"), cluster.start("serve")
                enrich = [cluster.start("enrich") for _ in range(2)]
                ready(serve)
                dogs, cats = ([page_view(name) for _ in range(20)] for name in ("dog", "cat"))
                for event in (event for pair in zip(dogs, cats) for event in pair):
                    self.assertEqual(collect.post(payload(event)).status, 200)
                ids = [sorted(event["eid"] for event in events) for events in (cats, cats + dogs)]
                until(lambda: enriched() == ids[0], "the cats pass", limit_s=3 * WAIT)
                until(lambda: sum(map(parked, enrich)) >= len(dogs), "the dogs wait")
                enrich[0].kill()
                registry.troubled = set()
                until(lambda: len(enriched()) >= len(ids[1]), "the dogs follow, all of them", limit_s=3 * WAIT)
                self.assertEqual(enriched(), ids[1])
                self.assertEqual(serve.records("bad"), [])

    def test_rolling_restarts_and_a_kill_lose_and_double_nothing(self):
        with folder() as root, Cluster(root) as cluster:
            collect = cluster.start("collect")
            shown, other = cluster.start("serve"), cluster.start("serve")
            enrich, bridge = cluster.start("enrich"), cluster.start("bridge")
            profiles = [cluster.start("profile", profile__standby=standby) for standby in ("true", "false")]
            ready(shown)
            audience = Audience(collect.collector, shown.private, "--viewers", "300", "--duration", "60s", "--ping",
                                "2s", "--activity", "4s", "--settle", "25s", "--max-concurrency-error", "100%")
            acts = [
                lambda: profiles.append(cluster.start("profile", profile__standby="true")),
                lambda: profiles.pop(0).kill(),
                lambda: profiles.append(cluster.start("profile", profile__standby="true")),
                lambda: profiles.pop(0).stop(),
            ]
            done = 0
            for act in acts:
                act()
                time.sleep(5)  # of the audience's time: what happens happens while it plays
                done += audience.plays()
            enrich = cluster.replace(enrich, "enrich")
            bridge = cluster.replace(bridge, "bridge")
            collect = cluster.replace(collect, "collect")
            other = cluster.replace(other, "serve")
            enrich.kill()
            enrich = cluster.start("enrich")
            done += audience.plays()
            self.assertEqual(done, len(acts) + 1, "all of it while the audience played")
            code, text, found = audience.result()
            self.assertEqual((found["lost"], found["doubled"]), (0, 0), text)
            self.assertEqual(found["states_end"]["wrong"], 0, text)
            self.assertGreater(found["states_end"]["compared"], 100, text)
            self.assertEqual(code, 0, text)
            self.assertGreater(sum(restored(p) for p in profiles), 0)

            def same_viewers():
                boards = [{v["viewer"]: v["state"] for v in lvp.get("/api/v1/viewers?limit=10000").json()["viewers"]}
                          for lvp in (shown, other)]
                return boards[0] == boards[1]
            until(same_viewers, "both boards are the same")


if __name__ == "__main__":
    unittest.main(verbosity=2)
