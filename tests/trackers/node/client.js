// Sends events through the Node.js tracker. Its contract: tests/system/trackers_test.py.

import { buildPageView, buildSelfDescribingEvent, buildStructEvent, newTracker } from "@snowplow/node-tracker";

const [collector, method, user, device, play] = process.argv.slice(2);
const delivered = new Set();
const names = new Map();
const tracker = newTracker(
  { namespace: "lvp", appId: "lvp-node" },
  {
    endpoint: collector,
    eventMethod: method,
    onRequestSuccess: (events) => events.forEach((event) => delivered.add(event.eid)),
    onRequestFailure: (failure) => console.error("failed", JSON.stringify(failure)),
  },
);
tracker.setUserId(user);
tracker.setDomainUserId(device);

function track(name, event, entities = []) {
  names.set(tracker.track(event, entities).eid, name);
}

function trackMedia(name, position, paused, ended) {
  const event = { schema: `iglu:com.snowplowanalytics.snowplow.media/${name}/jsonschema/1-0-0`, data: {} };
  track(name, buildSelfDescribingEvent({ event }), [
    {
      schema: "iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",
      data: { currentTime: position, duration: 10, paused, ended, label: "Film" },
    },
    {
      schema: "iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0",
      data: { mediaSessionId: play, pingInterval: 5, timePlayed: position },
    },
  ]);
}

track("page_view", buildPageView({ pageUrl: "https://shop.example/film", pageTitle: "Film" }));
track("event", buildStructEvent({ category: "shop", action: "open", label: "Füße", value: 1.25 }));
trackMedia("play_event", 0, false, false);
trackMedia("ping_event", 5, false, false);
trackMedia("pause_event", 9.5, true, false);
trackMedia("end_event", 10, true, true);
tracker.flush();

// The tracker tells of a delivery some time after its flush has ended.
process.on("exit", () => {
  for (const [id, name] of names) if (delivered.has(id)) console.log("event", id, name);
  process.exitCode = delivered.size === names.size ? 0 : 1;
});
