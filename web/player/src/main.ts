// The player page: a film with advertisements, tracked, and the events as they are sent.

import { byId, setHidden, setText } from "../../shared/dom";
import { position } from "../../shared/format";
import { AdBreaks, type Advertisement } from "./ads";
import { noted, told, type Entry } from "./event_log";
import { EventView } from "./event_view";
import { cues, place } from "./place";
import { MediaTracking, setUser, startTracker, type Listener } from "./tracking";

const label = "Ninety Seconds of Light";
const user_key = "lvp.user";
const config_wait_max_ms = 3000;

const advertisements: readonly Advertisement[] = [
  { name: "Fresh Coffee", creative: "fresh-coffee", file: "./ad-1.mp4" },
  { name: "Slow Trains", creative: "slow-trains", file: "./ad-2.mp4" },
];

async function main(): Promise<void> {
  const page = new URL(location.href);
  const { collector, dashboard } = place(page, await config());
  showDashboard(dashboard);
  startTracker(collector, showUser(), showEvents(collector));

  const film = byId("video", HTMLVideoElement);
  const tracking = new MediaTracking(film, byId("stage", HTMLElement), label);
  const positions = cues(page);
  const stage = {
    film,
    overlay: byId("overlay", HTMLElement),
    ad: byId("ad", HTMLVideoElement),
    label: byId("ad-label", HTMLElement),
    skip: byId("skip-ad", HTMLButtonElement),
    pause: byId("pause-ad", HTMLButtonElement),
  };
  new AdBreaks(stage, tracking, positions, advertisements);
  const list = positions.map(position).join(" and ");
  setText(byId("cues", HTMLElement), list === "" ? "No advertisements" : `Advertisements at ${list}`);
  document.documentElement.dataset["ready"] = "true";
}

async function config(): Promise<string | null> {
  try {
    const answer = await fetch("./config.json", { signal: AbortSignal.timeout(config_wait_max_ms) });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

function showDashboard(address: string): void {
  const link = byId("dashboard", HTMLAnchorElement);
  if (address === "") return;
  link.href = address;
  setHidden(link, false);
}

/** Wires the form of the user's name; returns the name that was kept. */
function showUser(): string {
  const input = byId("user", HTMLInputElement);
  const now = byId("user-now", HTMLElement);
  const show = (user: string) =>
    setText(now, user === "" ? "You are anonymous." : `Events carry the user “${user}”.`);
  const kept = localStorage.getItem(user_key) ?? "";
  input.value = kept;
  show(kept);
  byId("user-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const user = input.value.trim();
    if (user === "") localStorage.removeItem(user_key);
    else localStorage.setItem(user_key, user);
    setUser(user);
    show(user);
  });
  return kept;
}

/** Shows events as the tracker tells of them, and a notice while the collector does not answer. */
function showEvents(collector: string): Listener {
  const notice = byId("notice", HTMLElement);
  const view = new EventView(
    byId("events", HTMLElement),
    byId("events-empty", HTMLElement),
    byId("event-count", HTMLElement),
  );
  let log: Entry[] = [];
  let delivered = 0;
  let asked = false;
  const draw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      view.draw(log, delivered);
    });
  };
  return {
    made(payload) {
      log = noted(log, payload, Date.now());
      draw();
    },
    told(payloads, delivery) {
      log = told(log, payloads, delivery);
      if (delivery === "delivered") delivered += payloads.length;
      setText(
        notice,
        `The collector at ${collector} does not answer. Events are kept and sent when it is back.`,
      );
      setHidden(notice, delivery === "delivered");
      draw();
    },
  };
}

void main();
