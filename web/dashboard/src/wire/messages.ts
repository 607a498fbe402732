// What /live says: the types of its JSON text frames, and decode(), which trusts none of them.
//
//   frame    = snapshot | update
//   snapshot = {"type":"snapshot","seq":N,"now":MS,"counts":COUNTS,"viewers":[VIEWER…],"stale":BOOL}
//   update   = {"type":"update","seq":N,"now":MS,"counts":COUNTS,"viewers":[VIEWER…],"gone":["id"…]}
//
// A snapshot replaces all that was known; in an update each VIEWER replaces the one with its id, and
// `gone` have left. `seq` grows by one with each frame. Times are epoch milliseconds of the server's
// clock, positions are seconds. Absent and null mean unknown. Members that are not known are ignored,
// so that the server may add some. Examples: tests/data/live, which the server's tests read too.

import * as json from "./json";

export const states = [
  "PLAYING",
  "PLAYING_AD",
  "BUFFERING",
  "SEEKING",
  "PAUSED",
  "AD_PAUSED",
  "READY",
  "FAILED",
  "ENDED",
] as const;

export type State = (typeof states)[number];

export type StateCounts = Record<State, number>;

export interface Counts {
  viewers: number; // open: all that have not left
  streams: number; // open sessions
  watching: number; // concurrent viewers: content, an advertisement or a short stall before their eyes
  states: StateCounts;
}

/** Where the content is: at `seconds` when the server's clock said `at`. */
export interface Position {
  seconds: number;
  at: number;
}

export interface Ad {
  id: string;
  name: string;
  quartile: number; // 0, 25, 50, 75 or 100
}

export interface Session {
  device: string;
  play: string;
  state: string;
  content: string;
  position: number | null;
  duration: number | null;
}

export interface Viewer {
  id: string;
  isUser: boolean; // the id is a login, not a device
  state: State;
  status: string; // the accelerator's word for the state
  since: number;
  content: string;
  position: Position | null;
  rate: number;
  duration: number | null;
  live: boolean;
  device: string;
  platform: string;
  version: number;
  ad: Ad | null;
  sessionCount: number;
  sessions: Session[];
}

export interface Snapshot {
  type: "snapshot";
  seq: number;
  now: number;
  counts: Counts;
  viewers: Viewer[];
  stale: boolean;
}

export interface Update {
  type: "update";
  seq: number;
  now: number;
  counts: Counts;
  viewers: Viewer[];
  gone: string[];
  stale: boolean;
}

export type Message = Snapshot | Update;

/** The message in a text frame. Throws WireError, which names the member that is wrong. */
export function decode(text: string): Message {
  const frame = json.parse(text);
  const type = json.string(frame, "type");
  const common = {
    seq: json.integer(frame, "seq"),
    now: json.number(frame, "now"),
    counts: decodeCounts(json.object(frame, "counts")),
    viewers: json.objects(frame, "viewers").map(decodeViewer),
    stale: json.boolean(frame, "stale", false),
  };
  if (type === "snapshot") return { type, ...common };
  if (type === "update") return { type, ...common, gone: json.strings(frame, "gone", []) };
  throw new json.WireError(`type: "${type}" is not known`);
}

export function decodeCounts(value: json.JsonObject): Counts {
  return {
    viewers: json.integer(value, "viewers"),
    streams: json.integer(value, "streams"),
    watching: json.integer(value, "watching"),
    states: decodeStates(json.object(value, "states")),
  };
}

/** Viewers by state; a state that is not named has none. */
export function decodeStates(value: json.JsonObject): StateCounts {
  const entries = states.map((state) => [state, json.integer(value, state, 0)] as const);
  return Object.fromEntries(entries) as StateCounts;
}

export function decodeViewer(value: json.JsonObject): Viewer {
  const sessions = json.objects(value, "sessionsList", []).map(decodeSession);
  return {
    id: json.string(value, "viewer"),
    isUser: json.boolean(value, "user", false),
    state: decodeState(json.string(value, "state")),
    status: json.string(value, "status", ""),
    since: json.number(value, "since"),
    content: json.string(value, "content", ""),
    position: decodePosition(value),
    rate: json.number(value, "rate", 1),
    duration: json.numberOrNull(value, "duration"),
    live: json.boolean(value, "live", false),
    device: json.string(value, "device", ""),
    platform: json.string(value, "platform", ""),
    version: json.integer(value, "version", 0),
    ad: decodeAd(value),
    sessionCount: json.integer(value, "sessions", sessions.length),
    sessions,
  };
}

function decodeState(name: string): State {
  const state = states.find((known) => known === name);
  if (state === undefined) throw new json.WireError(`state: "${name}" is not known`);
  return state;
}

function decodePosition(value: json.JsonObject): Position | null {
  const seconds = json.numberOrNull(value, "position");
  const at = json.numberOrNull(value, "positionAt");
  return seconds === null || at === null ? null : { seconds, at };
}

function decodeAd(value: json.JsonObject): Ad | null {
  const ad = json.objectOrNull(value, "ad");
  if (ad === null) return null;
  return {
    id: json.string(ad, "id", ""),
    name: json.string(ad, "name", ""),
    quartile: json.number(ad, "quartile", 0),
  };
}

function decodeSession(value: json.JsonObject): Session {
  return {
    device: json.string(value, "device", ""),
    play: json.string(value, "play", ""),
    state: json.string(value, "state", ""),
    content: json.string(value, "content", ""),
    position: json.numberOrNull(value, "position"),
    duration: json.numberOrNull(value, "duration"),
  };
}
