// Shows the event log: a line for each event that opens to its JSON. Lines are made once and moved on.

import { element, setAttribute, setHidden, setText } from "../../shared/dom";
import { position, timeOfDay } from "../../shared/format";
import type { Delivery, Entry } from "./event_log";

const words: Record<Delivery, string> = {
  waiting: "waiting",
  delivered: "delivered",
  retrying: "retrying",
  lost: "lost",
};

interface Line {
  item: HTMLElement;
  delivery: HTMLElement;
}

export class EventView {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly list: HTMLElement,
    private readonly empty: HTMLElement,
    private readonly count: HTMLElement,
  ) {}

  draw(log: readonly Entry[], total: number): void {
    setHidden(this.empty, log.length > 0);
    setText(this.count, total > 0 ? `${total} delivered` : "");
    const kept = new Set(log.map((entry) => entry.id));
    for (const [id, line] of this.lines) {
      if (kept.has(id)) continue;
      line.item.remove();
      this.lines.delete(id);
    }
    for (const entry of [...log].reverse()) {
      const line = this.lines.get(entry.id) ?? this.add(entry);
      setAttribute(line.delivery, "data-delivery", entry.delivery);
      setText(line.delivery, words[entry.delivery]);
    }
  }

  private add(entry: Entry): Line {
    const delivery = element("span", { class: "delivery", "data-testid": "delivery" });
    const where = entry.position === null ? "" : position(entry.position);
    const details = element(
      "details",
      {},
      element(
        "summary",
        {},
        element("span", { class: "quiet number" }, timeOfDay(entry.at)),
        element("b", {}, entry.name),
        element("span", { class: "number", title: "content position" }, where),
        delivery,
      ),
    );
    details.addEventListener("toggle", () => {
      if (details.open && details.childElementCount === 1) {
        details.append(element("pre", { tabindex: "0" }, JSON.stringify(entry.event, null, 2)));
      }
    });
    const item = element("li", { "data-testid": "event", "data-event": entry.name }, details);
    this.list.prepend(item);
    const line = { item, delivery };
    this.lines.set(entry.id, line);
    return line;
  }
}
