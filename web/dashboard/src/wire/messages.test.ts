import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, decodeStates } from "./messages";

const golden = (name: string) =>
  readFileSync(new URL(`../../../../tests/data/live/${name}`, import.meta.url), "utf8");

const empty = '"seq":1,"now":2,"counts":{"viewers":0,"streams":0,"watching":0,"states":{}}';
const frame = (rest: string) => `{${empty},${rest}}`;

test("the golden snapshot", () => {
  const message = decode(golden("snapshot.json"));
  assert.equal(message.type, "snapshot");
  assert.equal(message.seq, 41);
  assert.equal(message.now, 1732411200000);
  assert.equal(message.stale, false);
  assert.deepEqual(
    [message.counts.viewers, message.counts.streams, message.counts.watching],
    [3, 4, 3],
  );
  assert.deepEqual(
    message.viewers.map((viewer) => [viewer.id, viewer.state, viewer.isUser]),
    [
      ["alice", "PLAYING", true],
      ["143f9cb9-3db9-4e99-8d67-c8aea075d191", "PLAYING_AD", false],
      ['tv-"7" ☃', "BUFFERING", false],
    ],
  );
  const [alice, second, television] = message.viewers;
  assert.deepEqual(alice?.position, { seconds: 15.25, at: 1732411199500 });
  assert.equal(alice?.sessions[1]?.content, "Slow Trains");
  assert.deepEqual(second?.ad, { id: "ad-1", name: "Fresh Coffee", quartile: 50 });
  assert.equal(television?.position, null);
  assert.equal(television?.duration, null);
  assert.equal(television?.live, true);
});

test("the golden update, where one viewer has only what must be there", () => {
  const message = decode(golden("update.json"));
  assert.ok(message.type === "update");
  assert.equal(message.seq, 42);
  assert.deepEqual(message.gone, ['tv-"7" ☃']);
  assert.deepEqual(message.viewers[1], {
    id: "carol",
    isUser: false,
    state: "READY",
    status: "",
    since: 1732411200950,
    content: "",
    position: null,
    rate: 1,
    duration: null,
    live: false,
    device: "",
    platform: "",
    version: 1,
    ad: null,
    sessionCount: 1,
    sessions: [],
  });
});

test("states that are not named count none", () => {
  const counted = decodeStates({ PLAYING: 2 });
  assert.equal(counted.PLAYING, 2);
  assert.equal(counted.FAILED, 0);
});

test("what is not a message is refused with the member that is wrong", () => {
  const table: [string, RegExp][] = [
    ["", /not JSON/],
    ["[]", /not a JSON object/],
    ["{}", /type: not a string/],
    ['{"type":"snapshot","seq":1.5}', /seq: not an integer/],
    [frame('"type":"hello","viewers":[]'), /type: "hello" is not known/],
    [frame('"type":"update"'), /viewers: not an array/],
    [frame('"type":"update","viewers":[1]'), /viewers: not an array of objects/],
    [frame('"type":"update","viewers":[],"gone":[1]'), /gone: not an array of strings/],
    [frame('"type":"update","viewers":[{"state":"PLAYING"}]'), /viewer: not a string/],
    [frame('"type":"update","viewers":[{"viewer":"a","state":"X"}]'), /state: "X" is not known/],
  ];
  for (const [text, reason] of table) {
    assert.throws(() => decode(text), { name: "WireError", message: reason }, text);
  }
});

test("members of a later version are ignored", () => {
  const message = decode(frame('"type":"update","viewers":[],"weather":"fine"'));
  assert.equal(message.type, "update");
});
