// How a state is called on this page. Its colour is in dashboard.css, by data-state.

import type { State } from "../wire/messages";

export const stateNames: Record<State, string> = {
  PLAYING: "Playing",
  PLAYING_AD: "In ad",
  BUFFERING: "Buffering",
  SEEKING: "Seeking",
  PAUSED: "Paused",
  AD_PAUSED: "Ad paused",
  READY: "Ready",
  FAILED: "Failed",
  ENDED: "Ended",
};

export function stateName(state: string): string {
  return (stateNames as Record<string, string>)[state] ?? state;
}
