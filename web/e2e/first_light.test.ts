// First light: a viewer presses play in a real browser, meets advertisements, pauses; the dashboard and
// the accelerator's WebSocket tell of it. Needs a running server with both pages:
//
//   LVP_COLLECTOR, LVP_PLAYER, LVP_PRIVATE   its addresses, as `lvp up` prints them
//   LVP_DASHBOARD                            where the dashboard's page is, if not at LVP_PRIVATE
//   LVP_PATIENCE                             how many times longer than usual all may take
//   LVP_SCREENSHOTS                          a folder for player.png and dashboard.png, if wanted

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { chromium, type Locator, type Page } from "playwright-core";
import { WebSocket } from "ws";

const patience = Number(process.env["LVP_PATIENCE"] ?? 1);
const wait_max_ms = 30_000 * patience;
const test_max_ms = 120_000 * patience;

const keys = [
  "viewer_id",
  "collector_tstamp",
  "event_id",
  "event_name",
  "video_ts",
  "adsClicked",
  "adsSkipped",
  "adId",
  "status",
];

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: it must be an address of a running server`);
  return value;
}

/** Everything /ws says from now on. */
async function listen(address: string): Promise<{ messages: Record<string, unknown>[]; end(): void }> {
  const socket = new WebSocket(`${address.replace(/^http/, "ws")}/ws`);
  const messages: Record<string, unknown>[] = [];
  socket.on("message", (data) => messages.push(JSON.parse(String(data)) as Record<string, unknown>));
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return { messages, end: () => socket.terminate() };
}

async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env["LVP_SCREENSHOTS"];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, name) });
}

const inState = (row: Locator, state: string) =>
  row.locator(`[data-testid=state][data-state=${state}]`).waitFor();

test("a viewer's life shows on the dashboard and on /ws", { timeout: test_max_ms }, async () => {
  const collector = required("LVP_COLLECTOR");
  const player = required("LVP_PLAYER");
  const server = required("LVP_PRIVATE");
  const dashboard = process.env["LVP_DASHBOARD"] || server;
  const user = `first-light-${process.pid}`;

  const accelerator = await listen(server);
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(wait_max_ms);
    const faults: string[] = [];
    const open = async (address: string): Promise<Page> => {
      const page = await context.newPage();
      page.on("pageerror", (error) => faults.push(`${address}: ${error.message}`));
      await page.goto(address);
      return page;
    };

    const board = await open(dashboard);
    await board.locator("[data-testid=connection][data-status=live]").waitFor();
    const film = await open(`${player}/?adAt=3&collector=${encodeURIComponent(collector)}`);
    await film.locator("html[data-ready=true]").waitFor();
    await film.getByTestId("user").fill(user);
    await film.getByTestId("set-user").click();
    await film.bringToFront();
    const video = film.getByTestId("video");
    await video.evaluate((element: HTMLVideoElement) => element.play());

    const row = board.locator(`[data-testid=viewer-row][data-viewer="${user}"]`);
    await inState(row, "PLAYING");
    await inState(row, "PLAYING_AD");
    await film.locator("[data-testid=skip-ad]:enabled").click();
    await film.locator("[data-event=ad_complete_event]").waitFor();
    await shoot(film, "player.png");
    await inState(row, "PLAYING");
    await shoot(board, "dashboard.png");

    await video.evaluate((element: HTMLVideoElement) => element.pause());
    await inState(row, "PAUSED");
    await row.click();
    await board.locator("[data-testid=ad-view][data-outcome=skip]").waitFor();
    await board.locator("[data-testid=ad-view][data-outcome=complete]").waitFor();
    await film.waitForFunction(() => document.querySelector("[data-delivery=waiting]") === null);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
    accelerator.end();
  }

  const mine = accelerator.messages.filter((message) => message["viewer_id"] === user);
  assert.deepEqual(
    mine.map((message) => message["status"]),
    ["WATCHING_VIDEO", "WATCHING_AD", "WATCHING_VIDEO", "PAUSED_VIDEO"],
  );
  for (const message of mine) assert.deepEqual(Object.keys(message).sort(), [...keys].sort());
  assert.equal(mine.at(-1)?.["adsSkipped"], 1);
});
