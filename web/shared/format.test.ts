import assert from "node:assert/strict";
import { test } from "node:test";
import { count, duration, elapsed, heading, position, shortened } from "./format";

test("counts are grouped by thousands", () => {
  assert.equal(count(0), "0");
  assert.equal(count(1_234_567), "1,234,567");
});

test("positions are minutes and seconds, hours only when there are some", () => {
  const table: [number, string][] = [
    [-1, "0:00"],
    [0, "0:00"],
    [59.999, "0:59"],
    [75.4, "1:15"],
    [3599, "59:59"],
    [3675, "1:01:15"],
  ];
  for (const [seconds, text] of table) assert.equal(position(seconds), text);
});

test("elapsed time is told in its largest unit", () => {
  const table: [number, string][] = [
    [-5, "0 s"],
    [999, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_600_000, "1 h"],
    [86_400_000 * 2, "2 d"],
  ];
  for (const [milliseconds, text] of table) assert.equal(elapsed(milliseconds), text);
});

test("durations lose digits as they grow", () => {
  assert.equal(duration(0.351), "0.35 s");
  assert.equal(duration(12.34), "12.3 s");
  assert.equal(duration(95), "1:35");
});

test("long ids keep their start and end", () => {
  assert.equal(shortened("alice"), "alice");
  assert.equal(shortened("143f9cb9-3db9-4e99-8d67-c8aea075d190"), "143f9cb9-3d…d190");
});

test("field names become headings without their unit", () => {
  assert.equal(heading("play_time_s"), "Play time");
  assert.equal(heading("adsClicked"), "Ads clicked");
  assert.equal(heading("stalls"), "Stalls");
});
