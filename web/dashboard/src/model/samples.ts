// Viewers and messages for the tests of the model: everything has a value, tests name what matters.

import { states, type Counts, type Snapshot, type StateCounts, type Update, type Viewer } from "../wire/messages";

export function viewer(id: string, fields: Partial<Viewer> = {}): Viewer {
  return {
    id,
    isUser: false,
    state: "PLAYING",
    status: "WATCHING_VIDEO",
    since: 0,
    content: "film",
    position: null,
    rate: 1,
    duration: null,
    live: false,
    device: "web",
    platform: "web",
    version: 1,
    ad: null,
    sessionCount: 1,
    sessions: [],
    ...fields,
  };
}

export function stateCounts(fields: Partial<StateCounts> = {}): StateCounts {
  const none = Object.fromEntries(states.map((state) => [state, 0])) as StateCounts;
  return { ...none, ...fields };
}

export function counts(): Counts {
  return { viewers: 0, streams: 0, watching: 0, states: stateCounts() };
}

export function snapshot(seq: number, viewers: Viewer[]): Snapshot {
  return { type: "snapshot", seq, now: 0, counts: counts(), viewers, stale: false };
}

export function update(seq: number, viewers: Viewer[], gone: string[] = []): Update {
  return { type: "update", seq, now: 0, counts: counts(), viewers, gone, stale: false };
}
