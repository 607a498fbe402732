"""Three brokers, of which one is always dying, and groups that are never left in peace.

Run under `tools/services run --brokers 3 kafka`.
"""

import itertools
import time
import unittest

from cluster import Audience, Cluster, broker, ready
from lvp import WAIT, folder


class Brokers(unittest.TestCase):
    def play(self, cluster, acts, *arguments):
        """The stages, with two profile processes, and what happens to them while an audience plays."""
        collect, serve = cluster.start("collect"), cluster.start("serve")
        for stages in ("enrich", "bridge", "profile", "profile"):
            cluster.start(stages)
        ready(serve)
        audience = Audience(collect.collector, serve.private, "--viewers", "200", "--duration", "60s", "--ping", "2s",
                            "--activity", "4s", "--settle", "30s", "--max-concurrency-error", "100%", *arguments)
        done = 0
        for act in acts:
            act()
            done += audience.plays()
        code, text, found = audience.result()
        self.assertEqual(done, len(acts), "too little happened while the audience played")
        self.assertEqual((found["lost"], found["doubled"]), (0, 0), text)
        self.assertEqual(found["states_end"]["wrong"], 0, text)
        self.assertGreater(found["states_end"]["compared"], 100, text)
        return found, text

    def test_one_broker_lost_is_no_outage(self):
        def each(number):
            time.sleep(5)  # of the audience's time
            broker("kill", number)
            time.sleep(12)  # others lead its partitions after nine
            broker("start", number)

        with folder() as root, Cluster(root, kafka__replication=3) as cluster:
            acts = [lambda n=n: each(n) for n in (1, 2)]
            found, text = self.play(cluster, acts)
            self.assertEqual(found["given_up"], 0, text)

    def test_a_storm_of_rebalances(self):
        with folder() as root, Cluster(root, kafka__replication=3) as cluster:
            extra = []

            def gust(number):
                extra.append(cluster.start("profile"))
                if number % 2:
                    extra.pop(0).stop(wait=3 * WAIT)  # its group may be busy
                elif number % 4 == 2:
                    extra.pop(0).kill()

            self.play(cluster, [lambda n=n: gust(n) for n in itertools.islice(itertools.count(), 10)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
