import assert from "node:assert/strict";
import { test } from "node:test";
import { entries_max, noted, told, type Entry } from "./event_log";

const play = {
  e: "ue",
  eid: "1",
  dtm: "5000",
  ue_pr: JSON.stringify({
    schema: "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
    data: { schema: "iglu:com.snowplowanalytics.snowplow.media/play_event/jsonschema/1-0-0", data: {} },
  }),
  co: JSON.stringify({
    schema: "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1",
    data: [
      { schema: "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0", data: { id: "x" } },
      {
        schema: "iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",
        data: { currentTime: 12.5, paused: false },
      },
    ],
  }),
};

test("an event is told by its schema, with its time and content position", () => {
  const [entry] = noted([], play, 1);
  assert.equal(entry?.name, "play_event");
  assert.equal(entry?.at, 5000);
  assert.equal(entry?.position, 12.5);
  assert.equal(entry?.delivery, "waiting");
});

test("events without a schema have the names that enrichment gives them", () => {
  const table: [object, string][] = [
    [{ e: "pv" }, "page_view"],
    [{ e: "pp" }, "page_ping"],
    [{ e: "new" }, "new"],
    [{ e: "ue", ue_pr: "{" }, "ue"],
  ];
  for (const [payload, name] of table) assert.equal(noted([], { ...payload }, 1)[0]?.name, name);
});

test("the newest is first and the oldest falls off", () => {
  let log: Entry[] = [];
  for (let i = 0; i < entries_max + 5; ++i) log = noted(log, { ...play, eid: String(i) }, 1);
  assert.equal(log.length, entries_max);
  assert.equal(log[0]?.id, String(entries_max + 4));
  assert.equal(log.at(-1)?.id, "5");
});

test("deliveries are told for the events that are meant, strangers are ignored", () => {
  const log = noted(noted([], play, 1), { ...play, eid: "2" }, 1);
  const after = told(log, [{ eid: "1" }, { eid: "unknown" }], "delivered");
  assert.deepEqual(after.map((entry) => entry.delivery), ["waiting", "delivered"]);
});
