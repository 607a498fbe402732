// The panel of one viewer: their sessions, what happened in each, figures and advertisements. It shows
// what the API tells and passes over what it does not.

import { element, setHidden } from "../../../shared/dom";
import { duration, heading, position, shortened, timeOfDay } from "../../../shared/format";
import * as json from "../wire/json";
import type { JsonObject } from "../wire/json";
import { stateName } from "./states";

const steps_max = 30;
const ads_max = 20;
const outcomes: Record<string, string> = { open: "running", complete: "completed", skip: "skipped" };

/** Draws into an element; `close` is called when the reader is done. */
export class Detail {
  constructor(
    private readonly place: HTMLElement,
    private readonly close: () => void,
  ) {}

  hide(): void {
    setHidden(this.place, true);
    this.place.replaceChildren();
  }

  /** Shows a viewer's profile, as GET /api/v1/viewers/{id} answered. */
  draw(id: string, profile: JsonObject): void {
    this.show(id, ...json.objects(profile, "sessions", []).map(session));
  }

  fail(id: string, reason: string): void {
    this.show(id, element("p", { class: "quiet" }, `Nothing to show: ${reason}.`));
  }

  private show(id: string, ...parts: HTMLElement[]): void {
    const button = element("button", { type: "button", "data-testid": "close-detail" }, "Close");
    button.addEventListener("click", this.close);
    const focused = this.place.contains(document.activeElement);
    const scrolled = this.place.scrollTop;
    this.place.replaceChildren(
      element("div", { class: "detail-head" }, element("h2", {}, id), button),
      ...parts,
    );
    setHidden(this.place, false);
    this.place.scrollTop = scrolled;
    if (focused) button.focus({ preventScroll: true });
  }
}

function session(of: JsonObject): HTMLElement {
  const seconds = json.numberOrNull(of, "position_s");
  const length = json.numberOrNull(of, "duration_s");
  const where = [seconds, length].filter((value) => value !== null).map(position).join(" / ");
  const running = json.objectOrNull(of, "ad");
  const ads = [...json.objects(of, "ads", []), ...(running === null ? [] : [running])];
  const figures = json.objectOrNull(json.objectOrNull(of, "figures") ?? {}, "engine") ?? {};
  return element(
    "section",
    { class: "session", "data-testid": "session" },
    element(
      "div",
      { class: "session-head" },
      element("h3", {}, json.string(of, "content", "") || "Unnamed content"),
      badge(json.string(of, "state", "")),
    ),
    facts([
      ["Position", where],
      ["Rate", `${json.number(of, "rate", 1)} ×`],
      ["Platform", json.string(of, "platform", "")],
      ["Device", shortened(json.string(of, "device", ""), 12)],
    ]),
    ...part("Figures", facts(numbers(figures))),
    ...part("Advertisements", steps(ads.slice(-ads_max).reverse().map(ad))),
    ...part("Timeline", steps(json.objects(of, "timeline", []).slice(-steps_max).reverse().map(step))),
  );
}

function part(title: string, list: HTMLElement): HTMLElement[] {
  return list.childElementCount === 0 ? [] : [element("h4", {}, title), list];
}

function facts(pairs: [string, string][]): HTMLElement {
  const told = pairs.filter(([, value]) => value !== "");
  return element(
    "dl",
    { class: "facts" },
    ...told.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value)),
    ),
  );
}

/** What is not zero, in its unit. */
function numbers(figures: JsonObject): [string, string][] {
  const pairs: [string, string][] = [];
  for (const [key, value] of Object.entries(figures)) {
    if (typeof value !== "number" || value === 0) continue;
    pairs.push([heading(key), key.endsWith("_s") ? duration(value) : String(value)]);
  }
  return pairs;
}

function steps(items: HTMLElement[]): HTMLElement {
  return element("ol", { class: "steps" }, ...items);
}

function step(of: JsonObject): HTMLElement {
  return element(
    "li",
    {},
    element("span", { class: "quiet number" }, time(json.string(of, "at", ""))),
    badge(json.string(of, "state", "")),
    element("span", { class: "what" }, json.string(of, "event_name", "")),
  );
}

function ad(of: JsonObject): HTMLElement {
  const outcome = json.string(of, "outcome", "");
  const clicks = json.number(of, "clicks", 0);
  const quartile = `${json.number(of, "quartile", 0)} %`;
  const words = [outcomes[outcome] ?? outcome, quartile, clicks > 0 ? `clicked ${clicks} ×` : ""];
  return element(
    "li",
    { "data-testid": "ad-view", "data-outcome": outcome },
    element("span", { class: "quiet number" }, time(json.string(of, "since", ""))),
    element("span", {}, json.string(of, "name", "") || json.string(of, "ad", "")),
    element("span", { class: "what" }, words.filter((word) => word !== "").join(" · ")),
  );
}

function badge(state: string): HTMLElement {
  return element("span", { class: "badge", "data-state": state }, stateName(state));
}

function time(at: string): string {
  const value = Date.parse(at);
  return Number.isNaN(value) ? "" : timeOfDay(value);
}
