// The table of viewers: only the rows in sight exist, so that a hundred thousand viewers cost what
// thirty do. Sorting and filtering happen at most once a second, unless the reader asks.

import { element, setAttribute, setHidden, setText } from "../../../shared/dom";
import type { Board } from "../model/board";
import type { Column, Query } from "../model/select";
import { RowView } from "./row";

const row_px = 44;
const spare_rows = 4;

const heads: readonly { column: Column; name: string }[] = [
  { column: "state", name: "State" },
  { column: "viewer", name: "Viewer" },
  { column: "content", name: "Content" },
  { column: "position", name: "Position" },
  { column: "device", name: "Device" },
  { column: "since", name: "Since" },
];

export interface TableHearer {
  sorted(column: Column): void;
  chosen(viewer: string): void;
  scrolled(): void;
}

export class Table {
  private readonly body = element("div", { class: "body", role: "rowgroup", "data-testid": "rows" });
  private readonly space = element("div", { class: "space", role: "presentation" });
  private readonly rows: RowView[] = [];
  private readonly heads = new Map<Column, HTMLElement>();

  constructor(
    private readonly place: HTMLElement,
    private readonly hearer: TableHearer,
  ) {
    const head = element("div", { class: "row head", role: "row" });
    for (const { column, name } of heads) {
      const button = element("button", { type: "button", "data-testid": `sort-${column}` }, name);
      button.addEventListener("click", () => hearer.sorted(column));
      const cell = element("span", { class: "cell", role: "columnheader" }, button);
      this.heads.set(column, cell);
      head.append(cell);
    }
    this.body.append(this.space);
    place.append(element("div", { role: "rowgroup" }, head), this.body);
    this.body.addEventListener("scroll", () => hearer.scrolled(), { passive: true });
    this.body.addEventListener("click", (event) => this.choose(event.target));
    this.body.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.choose(event.target);
    });
    new ResizeObserver(() => hearer.scrolled()).observe(this.body);
  }

  /** Shows the viewers `ids` of `board` in that order; ids that have left since are passed over. */
  draw(board: Board, ids: readonly string[], query: Query, at: number, chosen: string | null): void {
    setHidden(this.place, ids.length === 0);
    setAttribute(this.place, "aria-rowcount", String(ids.length + 1));
    for (const [column, cell] of this.heads) {
      const order = query.descending ? "descending" : "ascending";
      setAttribute(cell, "aria-sort", column === query.column ? order : "none");
    }
    const height = `${ids.length * row_px}px`;
    if (this.space.style.height !== height) this.space.style.height = height;
    const first = Math.max(0, Math.floor(this.body.scrollTop / row_px) - spare_rows);
    const shown = Math.ceil(this.body.clientHeight / row_px) + 2 * spare_rows;
    const now = at + board.clockAhead;
    for (let slot = 0; slot < Math.max(shown, this.rows.length); ++slot) {
      const index = first + slot;
      const row = slot < shown ? board.rows.get(ids[index] ?? "") : undefined;
      if (row === undefined) {
        const unused = this.rows[slot];
        if (unused !== undefined) setHidden(unused.root, true);
        continue;
      }
      const view = this.rows[slot] ?? this.add();
      setHidden(view.root, false);
      view.draw(row, index * row_px, index, at, now, row.viewer.id === chosen);
    }
  }

  private add(): RowView {
    const view = new RowView();
    this.rows.push(view);
    this.space.append(view.root);
    return view;
  }

  private choose(target: EventTarget | null): void {
    const row = target instanceof Element ? target.closest("[data-viewer]") : null;
    const viewer = row?.getAttribute("data-viewer");
    if (viewer) this.hearer.chosen(viewer);
  }
}

/** The line that says how many of all are shown. */
export function drawFound(place: HTMLElement, found: number, all: number): void {
  const noun = all === 1 ? "viewer" : "viewers";
  setText(place, found === all ? `${all} ${noun}` : `${found} of ${all} ${noun}`);
}
