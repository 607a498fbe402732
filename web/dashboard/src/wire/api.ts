// What the API under /api/v1 answers, as far as this page reads it.
//
//   config  = {"player":"http://…","collector":"http://…"}
//   history = {"points":[{"at":MS,"watching":N,"states":{STATE:N…}}…]}
//   viewer  = a JSON object that view/profile.ts shows whatever its members are

import * as json from "./json";
import { decodeStates, type StateCounts } from "./messages";

export interface Config {
  player: string; // address of the player page, "" if it is not served
  collector: string;
}

/** How many were doing what at one moment. */
export interface Point {
  at: number; // epoch ms of the server's clock
  watching: number;
  states: StateCounts;
}

export function decodeConfig(text: string): Config {
  const value = json.parse(text);
  return { player: json.string(value, "player", ""), collector: json.string(value, "collector", "") };
}

export function decodeHistory(text: string): Point[] {
  return json.objects(json.parse(text), "points").map((point) => ({
    at: json.number(point, "at"),
    watching: json.integer(point, "watching"),
    states: decodeStates(json.object(point, "states")),
  }));
}
