// Sends events through the browser tracker: opens page.html, from an origin of its own, in Chromium.
// Its contract: tests/system/trackers_test.py.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

const wait_max_ms = 30_000 * Number(process.env.LVP_PATIENCE ?? 1);
const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const types = { js: "text/javascript", html: "text/html" };

const [collector, method, user, , play, anonymous] = process.argv.slice(2);

/** Serves the page, its script and the tracker as npm delivered it. */
async function serve(request, response) {
  const path = new URL(request.url, "http://localhost").pathname;
  const file = path.startsWith("/@snowplow/") ? join("node_modules", path) : path;
  try {
    const body = await readFile(join(here, file));
    response.writeHead(200, { "Content-Type": types[path.split(".").at(-1)] }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}

const server = createServer(serve);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
// Another host and port than the collector's: requests to it are cross-site.
const address = new URL(`http://127.0.0.1:${server.address().port}/page.html`);
for (const [key, value] of Object.entries({ collector, method, user, play })) address.searchParams.set(key, value);
if (anonymous) address.searchParams.set("anonymous", "yes");

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  page.on("console", (message) => console.error(message.text()));
  page.on("pageerror", (error) => console.error(error.message));
  const answers = [];
  page.on("response", (response) => {
    if (response.url().startsWith(collector)) answers.push(response);
  });
  await page.goto(address.href);
  await page.locator("html[data-delivered]").waitFor({ state: "attached", timeout: wait_max_ms });
  console.log(await page.evaluate(() => document.documentElement.dataset.delivered));
  for (const answer of answers) {
    const { "set-cookie": cookie } = await answer.allHeaders();
    if (cookie) console.log("cookie", cookie.split("=")[0]);
  }
} finally {
  await browser.close();
  server.close();
}
