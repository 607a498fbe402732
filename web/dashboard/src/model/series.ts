// The last 15 minutes as the chart draws them: a point a second, older ones fall off. Pure.

import type { Point } from "../wire/api";
import type { Counts } from "../wire/messages";

export const series_max = 900;
const step_ms = 1000;

/** `points` (ascending) with what `counts` say at `now`: a new point, or a newer word on its second. */
export function appended(points: readonly Point[], counts: Counts, now: number): Point[] {
  const at = Math.floor(now / step_ms) * step_ms;
  const point = { at, watching: counts.watching, states: counts.states };
  const before = points.filter((other) => other.at < at);
  return trimmed([...before, point], at);
}

/** The server's history with the points that came while it was asked for. */
export function joined(history: readonly Point[], recent: readonly Point[]): Point[] {
  const first = recent[0]?.at ?? Infinity;
  const all = [...history.filter((point) => point.at < first), ...recent];
  all.sort((a, b) => a.at - b.at);
  return trimmed(all, all.at(-1)?.at ?? 0);
}

/** What uPlot wants: seconds, then a column for each line. */
export function columns(points: readonly Point[]): [number[], number[], number[], number[]] {
  return [
    points.map((point) => point.at / 1000),
    points.map((point) => point.watching),
    points.map((point) => point.states.PLAYING_AD + point.states.AD_PAUSED),
    points.map((point) => point.states.PAUSED),
  ];
}

function trimmed(points: Point[], newest: number): Point[] {
  return points.filter((point) => point.at > newest - series_max * step_ms).slice(-series_max);
}
