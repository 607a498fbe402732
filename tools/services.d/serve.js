// node serve.js dynalite|kinesalite PORT: serves one of them on loopback alone, in memory.
"use strict";
const [name, port] = process.argv.slice(2);
const settings = {
  dynalite: { createTableMs: 20, deleteTableMs: 20, updateTableMs: 20 },
  kinesalite: { createStreamMs: 20, deleteStreamMs: 20, updateStreamMs: 20, shardLimit: 200 },
};
require(name)(settings[name]).listen(Number(port), "127.0.0.1");
