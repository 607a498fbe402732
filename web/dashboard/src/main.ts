// The dashboard: feed → model → view. Messages change the model; whatever changed, the page is drawn
// once in the next animation frame, and once a second, since positions move by themselves.

import { byId, element, setHidden } from "../../shared/dom";
import { Api, tokenOf } from "./feed/api";
import { Socket, type Status } from "./feed/socket";
import { reduce, type Board } from "./model/board";
import { everyone, select, sortedBy, type Query } from "./model/select";
import { appended, joined } from "./model/series";
import { Chart } from "./view/chart";
import { Detail } from "./view/detail";
import { Empty, type Emptiness } from "./view/empty";
import { drawConnection, Figures } from "./view/figures";
import { stateNames } from "./view/states";
import { drawFound, Table } from "./view/table";
import type { Config, Point } from "./wire/api";
import { states, type State } from "./wire/messages";

const second_ms = 1000;
const wide_board = 2000; // above so many viewers the table is sorted once a second only

let board: Board | null = null;
let status: Status = "connecting";
let query: Query = everyone;
let config: Config = { player: "", collector: "" };
let points: Point[] = [];
let ids: string[] = [];
let selectedAt = 0;
let drawnRevision = 0;
let chosen: string | null = null;
let asked = false;

const page = new URL(location.href);
const api = new Api(page, tokenOf(page));
const figures = new Figures(byId("figures", HTMLElement));
const chart = new Chart(byId("chart", HTMLElement), byId("legend", HTMLElement));
const empty = new Empty(byId("empty", HTMLElement));
const detail = new Detail(byId("detail", HTMLElement), () => choose(null));
const table = new Table(byId("table", HTMLElement), {
  sorted: (column) => ask(sortedBy(query, column)),
  chosen: (viewer) => choose(viewer === chosen ? null : viewer),
  scrolled: draw,
});

function draw(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    drawNow(Date.now());
  });
}

function drawNow(at: number): void {
  drawConnection(byId("connection", HTMLElement), status, board?.stale ?? false);
  if (board === null) {
    empty.draw("loading", "");
    return;
  }
  figures.draw(board.counts);
  if (selectionIsOld(board, at)) {
    ids = select(board, query, at + board.clockAhead);
    selectedAt = at;
    drawnRevision = board.revision;
  }
  table.draw(board, ids, query, at, chosen);
  drawFound(byId("found", HTMLElement), ids.length, board.rows.size);
  empty.draw(emptiness(board), config.player);
}

function selectionIsOld(now: Board, at: number): boolean {
  if (at - selectedAt >= second_ms) return true;
  return now.revision !== drawnRevision && now.rows.size <= wide_board;
}

function emptiness(now: Board): Emptiness {
  if (ids.length > 0) return null;
  return now.rows.size === 0 ? "nobody" : "none fits";
}

function ask(next: Query): void {
  query = next;
  selectedAt = 0;
  draw();
}

function choose(viewer: string | null): void {
  chosen = viewer;
  if (viewer === null) detail.hide();
  else void drawDetail(viewer);
  draw();
}

async function drawDetail(viewer: string): Promise<void> {
  try {
    const profile = await api.viewer(viewer);
    if (chosen === viewer) detail.draw(viewer, profile);
  } catch (error) {
    if (chosen === viewer) detail.fail(viewer, error instanceof Error ? error.message : "no answer");
  }
}

async function askHistory(): Promise<void> {
  try {
    points = joined(await api.history(), points);
    chart.draw(points);
  } catch (error) {
    console.warn("history:", error);
  }
}

async function askConfig(): Promise<void> {
  try {
    config = await api.config();
  } catch (error) {
    console.warn("config:", error);
  }
  const link = byId("player", HTMLAnchorElement);
  if (config.player !== "") link.href = config.player;
  setHidden(link, config.player === "");
  draw();
}

function listenToFilters(): void {
  const text = byId("text", HTMLInputElement);
  const state = byId("state", HTMLSelectElement);
  state.append(
    element("option", { value: "" }, "Every state"),
    ...states.map((name) => element("option", { value: name }, stateNames[name])),
  );
  text.addEventListener("input", () => ask({ ...query, text: text.value }));
  state.addEventListener("change", () => ask({ ...query, state: (state.value || null) as State | null }));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen !== null) choose(null);
  });
}

let chosenVersion = "";

function tick(): void {
  draw();
  if (board !== null && status === "live") {
    points = appended(points, board.counts, Date.now() + board.clockAhead);
    chart.draw(points);
  }
  // A profile is asked for again when its viewer changed, or plays and so changes by itself.
  const row = chosen === null ? undefined : board?.rows.get(chosen);
  if (chosen === null || row === undefined) return;
  const version = `${chosen} ${row.viewer.version}`;
  if (version === chosenVersion && row.viewer.state !== "PLAYING") return;
  chosenVersion = version;
  void drawDetail(chosen);
}

listenToFilters();
new Socket(api.live(), {
  message(message) {
    board = reduce(board, message, Date.now());
    if (message.type === "snapshot") void askHistory();
    draw();
  },
  status(next) {
    status = next;
    draw();
  },
});
void askConfig();
setInterval(tick, second_ms);
draw();
