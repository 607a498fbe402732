"""First light when every stage is a process of its own: the browser, the official tracker, and the same dashboard.

Run under `tools/services run kafka`.
"""

import unittest

from browser_test import first_light
from cluster import Cluster, ready
from lvp import folder


class DistributedBrowser(unittest.TestCase):
    def test_first_light(self):
        with folder() as root, Cluster(root) as cluster:
            collect = cluster.start("collect")
            serve = cluster.start("serve", player__collector_url=collect.collector)
            for stages in ("enrich", "bridge", "profile", "profile", "profile"):
                cluster.start(stages)
            ready(serve)
            self.assertEqual(first_light(collect.collector, serve.player, serve.private), 0)
            bad = [stream for p in range(12)
                   for stream in serve.get(f"/api/v1/streams/bad?partition={p}").body.splitlines()]
            self.assertEqual(bad, [], "the tracker's events are all good")


if __name__ == "__main__":
    unittest.main()
