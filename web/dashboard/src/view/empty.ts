// What stands in the table's place when it has no rows.

import { element, setHidden } from "../../../shared/dom";

export type Emptiness = "loading" | "nobody" | "none fits" | null;

export class Empty {
  private shown = "";

  constructor(private readonly place: HTMLElement) {}

  /** Says why there are no rows; null: there are some. `player` is where one could watch, "" if unknown. */
  draw(why: Emptiness, player: string): void {
    setHidden(this.place, why === null);
    const now = `${why} ${player}`;
    if (why === null || now === this.shown) return;
    this.shown = now;
    this.place.replaceChildren(...words(why, player));
  }
}

function words(why: Exclude<Emptiness, null>, player: string): (Node | string)[] {
  if (why === "loading") return ["Waiting for the server…"];
  if (why === "none fits") return [element("strong", {}, "No viewer fits"), "Change the text or the state."];
  const nobody = element("strong", {}, "Nobody is watching");
  if (player === "") return [nobody, "Viewers appear here as soon as they press play."];
  const link = element("a", { href: player, target: "_blank", rel: "noopener" }, "Open the player");
  return [nobody, link, " and press play: you will appear here."];
}
