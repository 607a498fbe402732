"""kill -9 under load: what was answered 200 is there after a restart, and counts once (P1, P2)."""

import http.client
import threading
import time
import unittest
import uuid

from lvp import Lvp, folder, media_event, payload, until

DEVICES = 8
EVENTS = 150  # of each device
KILLS = 3


class Sender(threading.Thread):
    """One device: sends its events one after the other, each again and again until it is answered 200."""

    def __init__(self, world, start_ms):
        super().__init__()
        self.world = world
        self.start_ms = start_ms
        self.device = str(uuid.uuid4())
        self.events = [media_event(str(uuid.uuid4()), self.device, "play_event", start_ms + 10 * i, 0.01 * i)
                       for i in range(EVENTS)]
        self.acknowledged = []

    def run(self):
        for event in self.events:
            while not self.send(event):
                pass
            self.acknowledged.append(event["eid"])

    def send(self, event):
        lvp = self.world.wait_for_program()
        try:
            return lvp.post(payload(event)).status == 200
        except (OSError, http.client.HTTPException):  # broken off: it may have been taken or not
            return False


class World:
    def __init__(self):
        self.program = None
        self.changed = threading.Condition()

    def wait_for_program(self):
        with self.changed:
            self.changed.wait_for(lambda: self.program is not None)
            return self.program

    def set(self, program):
        with self.changed:
            self.program = program
            self.changed.notify_all()


class Crash(unittest.TestCase):
    def test_kill_under_load(self):
        with folder() as data:
            world = World()
            senders = [Sender(world, int(time.time() * 1000)) for _ in range(DEVICES)]
            for sender in senders:
                sender.start()
            total = DEVICES * EVENTS
            for kill in range(1, KILLS + 1):
                lvp = Lvp(data)
                world.set(lvp)
                goal = total * kill // (KILLS + 1)
                until(lambda: sum(len(s.acknowledged) for s in senders) >= goal, f"{goal} events acknowledged")
                world.set(None)
                lvp.kill()
            with Lvp(data) as lvp:
                world.set(lvp)
                for sender in senders:
                    sender.join()
                self.check(lvp, senders)

    def check(self, lvp, senders):
        def session(sender):
            answer = lvp.get(f"/api/v1/viewers/{sender.device}")
            return answer.json()["sessions"][0] if answer.status == 200 else None

        def plays(sender):
            known = session(sender)
            return known["figures"]["engine"]["plays"] if known else 0

        for sender in senders:
            until(lambda s=sender: plays(s) >= EVENTS, f"{EVENTS} events of {sender.device} counted")
        media = [record["value"]["event_id"] for record in lvp.records("media")]
        for sender in senders:
            self.assertEqual(set(sender.acknowledged) - set(media), set(), "acknowledged and lost")
        # One more event of each device, so that all before it have been folded, those that came twice too.
        for sender in senders:
            last = media_event(str(uuid.uuid4()), sender.device, "pause_event", sender.start_ms + 10 * EVENTS, 2, True)
            self.assertEqual(lvp.post(payload(last)).status, 200)
            until(lambda s=sender: session(s)["state"] == "PAUSED", "the last event folded")
            self.assertEqual(plays(sender), EVENTS)


if __name__ == "__main__":
    unittest.main()
