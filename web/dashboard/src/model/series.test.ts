import assert from "node:assert/strict";
import { test } from "node:test";
import type { Point } from "../wire/api";
import { counts, stateCounts } from "./samples";
import { appended, columns, joined, series_max } from "./series";

const point = (at: number, watching: number): Point => ({ at, watching, states: stateCounts() });
const says = (watching: number) => ({ ...counts(), watching });

test("a second has one point: its last word", () => {
  let points = appended([], says(1), 5_100);
  points = appended(points, says(2), 5_900);
  points = appended(points, says(3), 6_000);
  assert.deepEqual(points.map(({ at, watching }) => [at, watching]), [[5000, 2], [6000, 3]]);
});

test("points older than 15 minutes fall off, also after a gap", () => {
  let points: Point[] = [];
  for (let second = 0; second < series_max + 10; ++second) {
    points = appended(points, says(second), second * 1000);
  }
  assert.equal(points.length, series_max);
  assert.equal(points[0]?.at, 10_000);
  assert.equal(appended(points, says(0), 10_000_000).length, 1);
});

test("what came while the history was asked for is newer", () => {
  const all = joined([point(1000, 1), point(2000, 1), point(3000, 1)], [point(3000, 9), point(4000, 9)]);
  assert.deepEqual(all.map(({ at, watching }) => [at, watching]), [
    [1000, 1],
    [2000, 1],
    [3000, 9],
    [4000, 9],
  ]);
  assert.deepEqual(joined([], []), []);
});

test("columns are seconds, watching, in advertisements, paused", () => {
  const states = stateCounts({ PLAYING_AD: 2, AD_PAUSED: 1, PAUSED: 4 });
  assert.deepEqual(columns([{ at: 5000, watching: 7, states }]), [[5], [7], [3], [4]]);
});
