// The last events that the tracker made, newest first, and what became of each. Pure.

export type Delivery = "waiting" | "delivered" | "retrying" | "lost";

export interface Entry {
  id: string; // the event's id
  name: string; // as the enriched event will be named: play_event, page_view, …
  at: number; // epoch ms of this browser's clock
  position: number | null; // content position (s), if the event has one
  delivery: Delivery;
  event: Record<string, unknown>; // the event's fields, its inner JSON opened
}

export type Payload = Record<string, unknown>;

export const entries_max = 100;

/** `log` with the event of a tracker's payload on top; the oldest falls off. */
export function noted(log: readonly Entry[], payload: Payload, now: number): Entry[] {
  const event = opened(payload);
  const entry: Entry = {
    id: String(payload["eid"] ?? ""),
    name: name(event),
    at: Number(payload["dtm"] ?? now),
    position: position(event),
    delivery: "waiting",
    event,
  };
  return [entry, ...log].slice(0, entries_max);
}

/** `log` after the tracker has told what became of some events; those it does not hold are ignored. */
export function told(log: readonly Entry[], payloads: Payload[], delivery: Delivery): Entry[] {
  const ids = new Set(payloads.map((payload) => payload["eid"]));
  return log.map((entry) => (ids.has(entry.id) ? { ...entry, delivery } : entry));
}

const kinds: Record<string, string> = { pv: "page_view", pp: "page_ping", se: "struct" };

function name(event: Payload): string {
  const kind = String(event["e"] ?? "");
  const schema = at(event, "ue_pr", "data", "schema");
  if (typeof schema === "string") return schema.split("/")[1] ?? kind;
  return kinds[kind] ?? kind;
}

function position(event: Payload): number | null {
  const entities = at(event, "co", "data");
  if (!Array.isArray(entities)) return null;
  for (const entity of entities) {
    const schema = at(entity, "schema");
    if (typeof schema !== "string" || !schema.includes("/media_player/")) continue;
    const seconds = at(entity, "data", "currentTime");
    if (typeof seconds === "number") return seconds;
  }
  return null;
}

function opened(payload: Payload): Payload {
  const event: Payload = { ...payload };
  for (const key of ["ue_pr", "co"]) {
    const text = event[key];
    if (typeof text !== "string") continue;
    try {
      event[key] = JSON.parse(text) as unknown;
    } catch {
      // Shown as the text that it is.
    }
  }
  return event;
}

function at(value: unknown, ...path: string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}
