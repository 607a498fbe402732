import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeConfig, decodeHistory } from "./api";

test("a configuration may leave out the player", () => {
  assert.deepEqual(decodeConfig('{"collector":"http://c:9090"}'), {
    player: "",
    collector: "http://c:9090",
  });
});

test("history is a list of points", () => {
  const [point] = decodeHistory('{"points":[{"at":5,"watching":2,"states":{"PLAYING":2}}]}');
  assert.equal(point?.at, 5);
  assert.equal(point?.watching, 2);
  assert.equal(point?.states.PLAYING, 2);
  assert.throws(() => decodeHistory('{"points":[{"at":5}]}'), /watching: not a number/);
});
