import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../wire/messages";
import { positionNow, reduce } from "./board";
import { counts, snapshot, update, viewer } from "./samples";

const after = (...messages: Message[]) =>
  messages.reduce<ReturnType<typeof reduce> | null>((board, message, index) => {
    return reduce(board, message, 1000 + index);
  }, null);

test("a snapshot is the whole truth", () => {
  const board = after(
    snapshot(7, [viewer("a"), viewer("b")]),
    snapshot(3, [viewer("c", { state: "PAUSED" })]),
  );
  assert.deepEqual([...(board?.rows.keys() ?? [])], ["c"]);
  assert.equal(board?.seq, 3);
  assert.equal(board?.rows.get("c")?.changedAt, 0);
});

test("an update replaces, adds and removes", () => {
  const board = after(
    snapshot(7, [viewer("a"), viewer("b")]),
    update(8, [viewer("b", { state: "PAUSED" }), viewer("c")], ["a", "never seen"]),
  );
  assert.deepEqual([...(board?.rows.keys() ?? [])], ["b", "c"]);
  assert.equal(board?.rows.get("b")?.viewer.state, "PAUSED");
  assert.deepEqual(board?.counts, counts());
  assert.equal(board?.revision, 2);
});

test("the moment of a change is that of the state, not of other news", () => {
  const board = after(
    snapshot(1, [viewer("a")]),
    update(2, [viewer("a", { state: "PAUSED" })]),
    update(3, [viewer("a", { state: "PAUSED", content: "another" })]),
  );
  assert.equal(board?.rows.get("a")?.changedAt, 1001);
  assert.equal(board?.rows.get("a")?.viewer.content, "another");
});

test("the server's clock is told from this one", () => {
  const board = reduce(null, { ...snapshot(1, []), now: 5000 }, 4200);
  assert.equal(board.clockAhead, 800);
});

test("a gap, a repeat and an update before any snapshot are refused", () => {
  assert.throws(() => after(update(1, [])), { name: "SequenceError" });
  assert.throws(() => after(snapshot(1, []), update(3, [])), { name: "SequenceError" });
  assert.throws(() => after(snapshot(1, []), update(1, [])), { name: "SequenceError" });
});

test("positions move while content plays, and stop at its end", () => {
  const position = { seconds: 10, at: 1000 };
  const table: [Parameters<typeof viewer>[1], number, number | null][] = [
    [{ position }, 3000, 12],
    [{ position, rate: 2 }, 3000, 14],
    [{ position, duration: 11 }, 3000, 11],
    [{ position }, 500, 10],
    [{ position, state: "PAUSED" }, 3000, 10],
    [{ position, state: "PLAYING_AD" }, 3000, 10],
    [{ position: null }, 3000, null],
  ];
  for (const [fields, now, seconds] of table) {
    assert.equal(positionNow(viewer("a", fields), now), seconds);
  }
});
