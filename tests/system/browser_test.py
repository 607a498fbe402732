"""First light: a real browser with the official tracker, from the play button to the dashboard (web/e2e)."""

import os
import subprocess
import unittest

from lvp import Lvp, folder

WEB = os.path.join(os.path.dirname(__file__), "..", "..", "web")


class Browser(unittest.TestCase):
    def test_first_light(self):
        with folder() as data, Lvp(data) as lvp:
            urls = {"LVP_COLLECTOR": lvp.collector, "LVP_PLAYER": lvp.player, "LVP_PRIVATE": lvp.private}
            done = subprocess.run(["npm", "--prefix", WEB, "run", "--silent", "e2e"], env={**os.environ, **urls},
                                  timeout=150, check=False)
            self.assertEqual(done.returncode, 0)
            self.assertEqual(lvp.records("bad"), [], "the tracker's events are all good")


if __name__ == "__main__":
    unittest.main()
