// How long to wait before trying again: twice as long each time up to a limit, spread by chance so that
// many pages that lost a server at once do not come back at once. Pure.

const first_ms = 500;
const most_ms = 15_000;

/** Milliseconds before attempt number `attempt` (0 is the first after a loss); `chance` is in [0, 1). */
export function pause(attempt: number, chance: number): number {
  const longest = Math.min(most_ms, first_ms * 2 ** Math.min(attempt, 16));
  return longest * (0.5 + chance / 2);
}
