"""Sends events through the Python tracker. Its contract: tests/system/trackers_test.py."""

import sys

from snowplow_tracker import (EmitterConfiguration, PageView, SelfDescribing, SelfDescribingJson, Snowplow,
                              StructuredEvent, Subject)

collector, method, user, device, play = sys.argv[1:]
delivered = set()
names = {}


def on_success(events):
    delivered.update(event["eid"] for event in events)


def on_failure(_, events):
    print("failed", events, file=sys.stderr)


subject = Subject().set_user_id(user).set_domain_user_id(device)
tracker = Snowplow.create_tracker(
    namespace="lvp", endpoint=collector, method=method, app_id="lvp-python", subject=subject,
    emitter_config=EmitterConfiguration(request_timeout=10, on_success=on_success, on_failure=on_failure))


def track(name, event):
    names[tracker.track(event)] = name


def track_media(name, position, paused, ended):
    event = SelfDescribingJson(f"iglu:com.snowplowanalytics.snowplow.media/{name}/jsonschema/1-0-0", {})
    player = SelfDescribingJson(
        "iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",
        {"currentTime": position, "duration": 10, "paused": paused, "ended": ended, "label": "Film"})
    session = SelfDescribingJson(
        "iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0",
        {"mediaSessionId": play, "pingInterval": 5, "timePlayed": position})
    track(name, SelfDescribing(event, context=[player, session]))


track("page_view", PageView("https://shop.example/film", "Film"))
track("event", StructuredEvent("shop", "open", label="Füße", value=1.25))
track_media("play_event", 0, False, False)
track_media("ping_event", 5, False, False)
track_media("pause_event", 9.5, True, False)
track_media("end_event", 10, True, True)
tracker.flush()

for event_id, event_name in names.items():
    if event_id in delivered:
        print("event", event_id, event_name)
sys.exit(0 if len(delivered) == len(names) else 1)
