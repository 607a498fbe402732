// Which viewers the table shows, and in which order.

import type { State, Viewer } from "../wire/messages";
import { states } from "../wire/messages";
import { positionNow, type Board } from "./board";

export type Column = "viewer" | "state" | "content" | "position" | "device" | "since";

export interface Query {
  text: string; // found in the id, the content or the device, in any case; "" finds all
  state: State | null; // null: every state
  column: Column;
  descending: boolean;
}

export const everyone: Query = { text: "", state: null, column: "since", descending: true };

/** Ids of the viewers that fit `query`, in its order; equal ones by id, so that rows do not dance. */
export function select(board: Board, query: Query, now: number): string[] {
  const wanted = query.text.trim().toLowerCase();
  const found: Viewer[] = [];
  for (const { viewer } of board.rows.values()) {
    if (query.state !== null && viewer.state !== query.state) continue;
    if (wanted === "" || contains(viewer, wanted)) found.push(viewer);
  }
  const compare = comparison(query.column, now);
  const sign = query.descending ? -1 : 1;
  found.sort((a, b) => sign * compare(a, b) || byText(a.id, b.id));
  return found.map((viewer) => viewer.id);
}

/** The query after a click on a column's head: its natural order first, then the other way round. */
export function sortedBy(query: Query, column: Column): Query {
  if (query.column === column) return { ...query, descending: !query.descending };
  return { ...query, column, descending: column === "since" || column === "position" };
}

function contains(viewer: Viewer, wanted: string): boolean {
  return (
    viewer.id.toLowerCase().includes(wanted) ||
    viewer.content.toLowerCase().includes(wanted) ||
    viewer.device.toLowerCase().includes(wanted)
  );
}

type Comparison = (a: Viewer, b: Viewer) => number;

function comparison(column: Column, now: number): Comparison {
  switch (column) {
    case "viewer":
      return (a, b) => byText(a.id, b.id);
    case "state":
      return (a, b) => rank[a.state] - rank[b.state];
    case "content":
      return (a, b) => byText(a.content, b.content);
    case "position":
      return (a, b) => (positionNow(a, now) ?? -1) - (positionNow(b, now) ?? -1);
    case "device":
      return (a, b) => byText(a.device, b.device);
    case "since":
      return (a, b) => a.since - b.since;
  }
}

// Plain comparison of code units: ten times faster than the language's own order.
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const rank = Object.fromEntries(states.map((state, index) => [state, index])) as Record<State, number>;
