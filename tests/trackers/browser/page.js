// What the page does: six events through the browser tracker and its media plugin, as a site's own code would.
// Leaves the delivered ones in <html data-delivered>, one "event ID NAME" a line.

const { newTracker, setUserId, trackPageView, trackStructEvent } = window.snowplowBrowserTracking;
const media = window.snowplowMedia;

const settings = new URLSearchParams(location.search);
const id = settings.get("play");
const names = new Map();
const delivered = new Set();
let name = ""; // of the event that is tracked next
let pinged = () => {};

function onTracked(payload) {
  names.set(payload.eid, name);
  if (name === "ping_event") pinged();
}

function onDelivered(events) {
  for (const event of events) delivered.add(event.eid);
  if (name !== "end_event" || delivered.size !== names.size) return;
  const lines = [...names].map(([eventId, eventName]) => `event ${eventId} ${eventName}`);
  document.documentElement.dataset.delivered = lines.join("\n");
}

function track(next, act) {
  name = next;
  act();
}

newTracker("lvp", settings.get("collector"), {
  appId: "lvp-browser",
  eventMethod: settings.get("method"),
  contexts: { webPage: true, session: true },
  plugins: [media.SnowplowMediaPlugin(), { afterTrack: onTracked }],
  onRequestSuccess: onDelivered,
  onRequestFailure: (failure) => console.error("failed", JSON.stringify(failure)),
  ...(settings.has("anonymous") ? { anonymousTracking: { withServerAnonymisation: true } } : {}),
});
setUserId(settings.get("user"));
track("page_view", () => trackPageView());
track("event", () => trackStructEvent({ category: "shop", action: "open", label: "Füße", value: 1.25 }));

media.startMediaTracking({ id, pings: { pingInterval: 1 }, player: { label: "Film", duration: 10, currentTime: 0 } });
track("play_event", () => media.trackMediaPlay({ id }));
await new Promise((resolve) => track("ping_event", () => (pinged = resolve)));
track("pause_event", () => media.trackMediaPause({ id, player: { currentTime: 1 } }));
track("end_event", () => media.trackMediaEnd({ id, player: { currentTime: 10 } }));
