import assert from "node:assert/strict";
import { test } from "node:test";
import { cues, place } from "./place";

test("the address decides, then the server, then the usual port", () => {
  const config = '{"collector":"http://c:1","dashboard":"http://d:2/"}';
  const asked = new URL("http://h:3000/?collector=http://x:5/");
  assert.deepEqual(place(asked, config), { collector: "http://x:5", dashboard: "http://d:2" });
  assert.equal(place(new URL("http://h:3000/"), config).collector, "http://c:1");
  assert.deepEqual(place(new URL("http://h:3000/"), null), {
    collector: "http://h:9090",
    dashboard: "",
  });
});

test("what is no address of a web server is ignored", () => {
  for (const config of ["", "null", "[]", '{"collector":5}', '{"dashboard":"javascript:alert(1)"}']) {
    assert.deepEqual(place(new URL("http://h:3000/?collector=nonsense"), config), {
      collector: "http://h:9090",
      dashboard: "",
    });
  }
});

test("breaks are where the address says, in order", () => {
  const table: [string, number[]][] = [
    ["", [15, 45]],
    ["?adAt=20,3,3", [3, 20]],
    ["?adAt=", []],
    ["?adAt=x,-1,7.5", [7.5]],
  ];
  for (const [search, expected] of table) {
    assert.deepEqual(cues(new URL(`http://h:3000/${search}`)), expected, search);
  }
});
