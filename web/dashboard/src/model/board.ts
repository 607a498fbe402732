// Everything the server has said so far, as one value; reduce() adds a message to it.
//
// The map of viewers may hold a hundred thousand, so it is changed in place rather than copied: the
// board given to reduce() must not be used afterwards, only the one returned. Otherwise reduce() is a
// pure function of its arguments.

import type { Counts, Message, Viewer } from "../wire/messages";

export interface Row {
  viewer: Viewer;
  changedAt: number; // this browser's clock, ms: when the state changed; 0 if it was so in the snapshot
}

export interface Board {
  rows: Map<string, Row>;
  counts: Counts;
  seq: number; // of the last message
  clockAhead: number; // server's clock minus this browser's, ms
  stale: boolean; // the pipeline behind the server stands still
  revision: number; // grows with each message
}

/** Messages do not follow one another: the connection must be made anew. */
export class SequenceError extends Error {
  override name = "SequenceError";
}

/**
 * The board after `message`, received when this browser's clock said `at` (ms). `board` is null before
 * the first message. Throws SequenceError if messages are missing; `board` is then unchanged.
 */
export function reduce(board: Board | null, message: Message, at: number): Board {
  const common = {
    counts: message.counts,
    seq: message.seq,
    clockAhead: message.now - at,
    stale: message.stale,
    revision: (board?.revision ?? 0) + 1,
  };
  if (message.type === "snapshot") {
    const rows = message.viewers.map((viewer) => [viewer.id, { viewer, changedAt: 0 }] as const);
    return { rows: new Map(rows), ...common };
  }
  if (board === null) throw new SequenceError("an update came before a snapshot");
  if (message.seq !== board.seq + 1) {
    throw new SequenceError(`message ${message.seq} came after ${board.seq}`);
  }
  const rows = board.rows;
  for (const viewer of message.viewers) {
    const before = rows.get(viewer.id);
    const same = before?.viewer.state === viewer.state;
    rows.set(viewer.id, { viewer, changedAt: same ? before.changedAt : at });
  }
  for (const id of message.gone) rows.delete(id);
  return { rows, ...common };
}

/**
 * Where the content is now (seconds, server's clock `now` in ms): it moves on its own while it plays,
 * never past the end. Null if unknown.
 */
export function positionNow(viewer: Viewer, now: number): number | null {
  if (viewer.position === null) return null;
  const { seconds, at } = viewer.position;
  if (viewer.state !== "PLAYING") return seconds;
  const moved = seconds + (viewer.rate * Math.max(0, now - at)) / 1000;
  return viewer.duration === null ? moved : Math.min(viewer.duration, moved);
}
