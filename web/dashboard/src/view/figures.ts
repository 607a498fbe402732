// The big numbers on top, and the word on the connection.

import { element, setAttribute, setText } from "../../../shared/dom";
import { count } from "../../../shared/format";
import type { Status } from "../feed/socket";
import type { Counts } from "../wire/messages";

interface Figure {
  key: string;
  name: string;
  of(counts: Counts): number;
}

const figures: readonly Figure[] = [
  { key: "watching", name: "Watching", of: (counts) => counts.watching },
  { key: "ads", name: "In ads", of: ({ states }) => states.PLAYING_AD + states.AD_PAUSED },
  { key: "paused", name: "Paused", of: ({ states }) => states.PAUSED },
  { key: "buffering", name: "Buffering", of: ({ states }) => states.BUFFERING },
  { key: "open", name: "Open", of: (counts) => counts.viewers },
];

export class Figures {
  private readonly numbers = new Map<string, HTMLElement>();

  constructor(list: HTMLElement) {
    for (const { key, name } of figures) {
      const number = element("dd", { class: "number", "data-testid": `figure-${key}` }, "–");
      this.numbers.set(key, number);
      list.append(
        element("div", { class: "panel figure", "data-key": key }, element("dt", {}, name), number),
      );
    }
  }

  draw(counts: Counts): void {
    for (const { key, of } of figures) {
      const number = this.numbers.get(key);
      if (number !== undefined) setText(number, count(of(counts)));
    }
  }
}

export function drawConnection(place: HTMLElement, status: Status, stale: boolean): void {
  const word = status === "live" && stale ? "stale" : status;
  setAttribute(place, "data-status", word);
  setText(place, word);
  setAttribute(
    place,
    "title",
    word === "stale" ? "Connected, but the pipeline stands still: numbers may be old" : "",
  );
}
