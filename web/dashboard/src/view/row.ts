// One row of the table: made once, filled with whichever viewer scrolls into its place.

import { element, setAttribute, setText } from "../../../shared/dom";
import { elapsed, position, shortened } from "../../../shared/format";
import { positionNow, type Row } from "../model/board";
import { stateName } from "./states";

const highlight_ms = 1200;

export class RowView {
  readonly root: HTMLElement;
  private readonly badge = element("span", { class: "badge", "data-testid": "state" });
  private readonly name = element("span", { class: "cell name", role: "cell", "data-testid": "viewer-id" });
  private readonly content = element("span", { class: "cell", role: "cell" });
  private readonly bar = element("span", { class: "bar-fill" });
  private readonly where = element("span", { class: "number where", "data-testid": "position" });
  private readonly device = element("span", { class: "cell quiet", role: "cell" });
  private readonly since = element("span", { class: "cell number quiet since", role: "cell" });

  constructor() {
    this.root = element(
      "div",
      { class: "row", role: "row", tabindex: "0", "data-testid": "viewer-row" },
      element("span", { class: "cell", role: "cell" }, this.badge),
      this.name,
      this.content,
      element(
        "span",
        { class: "cell progress", role: "cell" },
        element("span", { class: "bar", "aria-hidden": "true" }, this.bar),
        this.where,
      ),
      this.device,
      this.since,
    );
  }

  /** Shows `row` at `top` (px) when this browser's clock says `at` and the server's `now` (ms). */
  draw(row: Row, top: number, index: number, at: number, now: number, chosen: boolean): void {
    const { viewer } = row;
    const { root } = this;
    root.style.transform = `translateY(${top}px)`;
    setAttribute(root, "data-viewer", viewer.id);
    setAttribute(root, "aria-rowindex", String(index + 2));
    setAttribute(root, "aria-selected", String(chosen));
    root.classList.toggle("changed", row.changedAt > 0 && at - row.changedAt < highlight_ms);
    setAttribute(this.badge, "data-state", viewer.state);
    setText(this.badge, viewer.state === "PLAYING_AD" && viewer.ad !== null
      ? `${stateName(viewer.state)} · ${viewer.ad.quartile} %`
      : stateName(viewer.state));
    setAttribute(this.badge, "title", viewer.ad?.name ?? viewer.status);
    setText(this.name, shortened(viewer.id, 24));
    setAttribute(this.name, "title", viewer.id);
    this.name.classList.toggle("device-name", !viewer.isUser);
    const others = viewer.sessionCount - 1;
    setText(this.content, others > 0 ? `${viewer.content} (+${others})` : viewer.content);
    setAttribute(this.content, "title", viewer.content);
    this.drawPosition(row, now);
    setText(this.device, viewer.device);
    setText(this.since, elapsed(now - viewer.since));
  }

  private drawPosition({ viewer }: Row, now: number): void {
    const seconds = positionNow(viewer, now);
    const { duration } = viewer;
    const part = seconds !== null && duration !== null && duration > 0 ? seconds / duration : 0;
    this.bar.style.transform = `scaleX(${Math.min(1, part).toFixed(4)})`;
    const end = viewer.live ? "live" : duration === null ? "" : position(duration);
    const begin = seconds === null ? "" : position(seconds);
    setText(this.where, [begin, end].filter((text) => text !== "").join(" / "));
  }
}
