"""First light: a real browser with the official tracker, from the play button to the dashboard (web/e2e)."""

import os
import subprocess
import unittest

from lvp import PATIENCE, Lvp, folder

WEB = os.path.join(os.path.dirname(__file__), "..", "..", "web")


def first_light(collector, player, private):
    """Plays in a real browser, and looks at the dashboard: what web/e2e ends with, 0 if all was well."""
    urls = {"LVP_COLLECTOR": collector, "LVP_PLAYER": player, "LVP_PRIVATE": private}
    return subprocess.run(["npm", "--prefix", WEB, "run", "--silent", "e2e"], env={**os.environ, **urls},
                          timeout=150 * PATIENCE, check=False).returncode


class Browser(unittest.TestCase):
    def test_first_light(self):
        with folder() as data, Lvp(data) as lvp:
            self.assertEqual(first_light(lvp.collector, lvp.player, lvp.private), 0)
            self.assertEqual(lvp.records("bad"), [], "the tracker's events are all good")


if __name__ == "__main__":
    unittest.main()
