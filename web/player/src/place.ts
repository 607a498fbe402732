// What the page's address and its server say: where to send events, where the dashboard is, and at
// which positions the film is interrupted.
//
//   ?collector=http://host:port   sends events there
//   ?adAt=3,20                    breaks at these seconds; "" for none
//   /config.json                  {"collector":"http://…","dashboard":"http://…"}

export interface Place {
  collector: string; // an origin
  dashboard: string; // "" if unknown
}

const default_collector_port = 9090;
const default_cues_s: readonly number[] = [15, 45];
const cues_max = 20;

/** Where things are, by the page's address and the text of /config.json (null if there is none). */
export function place(page: URL, config: string | null): Place {
  const told = config === null ? {} : members(config);
  return {
    collector:
      origin(page.searchParams.get("collector")) ||
      origin(told["collector"]) ||
      `${page.protocol}//${page.hostname}:${default_collector_port}`,
    dashboard: origin(told["dashboard"]),
  };
}

/** Content positions (s, ascending) at which the film makes way for advertisements. */
export function cues(page: URL): number[] {
  const asked = page.searchParams.get("adAt");
  if (asked === null) return [...default_cues_s];
  const positions = asked
    .split(",")
    .filter((text) => text.trim() !== "")
    .map(Number)
    .filter((seconds) => Number.isFinite(seconds) && seconds >= 0);
  return [...new Set(positions)].sort((a, b) => a - b).slice(0, cues_max);
}

function members(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

// "" for all that is not an address of a web server.
function origin(address: unknown): string {
  if (typeof address !== "string" || !URL.canParse(address)) return "";
  const url = new URL(address);
  return url.protocol === "http:" || url.protocol === "https:" ? url.origin : "";
}
