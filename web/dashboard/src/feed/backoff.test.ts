import assert from "node:assert/strict";
import { test } from "node:test";
import { pause } from "./backoff";

test("pauses double up to a limit and are spread over their upper half", () => {
  const table: [number, number, number][] = [
    [0, 0, 250],
    [0, 1, 500],
    [1, 1, 1000],
    [4, 1, 8000],
    [5, 1, 15_000],
    [1000, 0, 7500],
  ];
  for (const [attempt, chance, expected] of table) assert.equal(pause(attempt, chance), expected);
});
