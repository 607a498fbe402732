import assert from "node:assert/strict";
import { test } from "node:test";
import { reduce } from "./board";
import { snapshot, viewer } from "./samples";
import { everyone, select, sortedBy, type Query } from "./select";

const board = reduce(
  null,
  snapshot(1, [
    viewer("carol", { since: 30, state: "PAUSED", content: "Slow Trains", device: "tv · Roku" }),
    viewer("alice", { since: 10, position: { seconds: 5, at: 0 } }),
    viewer("bob", { since: 30, position: { seconds: 4, at: -9000 }, content: "Light" }),
  ]),
  0,
);

const chosen = (query: Partial<Query>) => select(board, { ...everyone, ...query }, 0);

test("the latest change comes first, equal ones by id", () => {
  assert.deepEqual(chosen({}), ["bob", "carol", "alice"]);
});

test("text is found in id, content and device, in any case", () => {
  assert.deepEqual(chosen({ text: " ALI " }), ["alice"]);
  assert.deepEqual(chosen({ text: "trains" }), ["carol"]);
  assert.deepEqual(chosen({ text: "roku" }), ["carol"]);
  assert.deepEqual(chosen({ text: "nobody" }), []);
});

test("a state leaves out all others", () => {
  assert.deepEqual(chosen({ state: "PAUSED" }), ["carol"]);
});

test("every column sorts both ways", () => {
  const table: [Partial<Query>, string[]][] = [
    [{ column: "viewer", descending: false }, ["alice", "bob", "carol"]],
    [{ column: "viewer", descending: true }, ["carol", "bob", "alice"]],
    [{ column: "state", descending: false }, ["alice", "bob", "carol"]],
    [{ column: "content", descending: false }, ["bob", "carol", "alice"]],
    [{ column: "position", descending: true }, ["bob", "alice", "carol"]],
    [{ column: "device", descending: false }, ["carol", "alice", "bob"]],
  ];
  for (const [query, ids] of table) assert.deepEqual(chosen(query), ids, JSON.stringify(query));
});

test("a second click on a head turns the order round", () => {
  const once = sortedBy(everyone, "viewer");
  assert.deepEqual([once.column, once.descending], ["viewer", false]);
  assert.equal(sortedBy(once, "viewer").descending, true);
  assert.equal(sortedBy(once, "since").descending, true);
});

test("a hundred thousand viewers are chosen in a moment", () => {
  const many = Array.from({ length: 100_000 }, (_, i) => viewer(`viewer-${i}`, { since: i % 997 }));
  const ids = select(reduce(null, snapshot(1, many), 0), everyone, 0);
  assert.equal(ids.length, 100_000);
  const number = (id: string | undefined) => Number(id?.slice("viewer-".length));
  assert.equal(number(ids[0]) % 997, 996);
  assert.equal(number(ids.at(-1)) % 997, 0);
});
