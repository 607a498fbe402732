// Asks the API under /api/v1. The token comes from the page's address, #token=…, which browsers keep to
// themselves; it never appears in a request line except where a WebSocket leaves no other way.

import { parse, type JsonObject } from "../wire/json";
import { decodeConfig, decodeHistory, type Config, type Point } from "../wire/api";

const wait_max_ms = 10_000;

export class Api {
  constructor(
    private readonly page: URL,
    private readonly token: string,
  ) {}

  /** The address of /live for a WebSocket. */
  live(): string {
    const address = new URL("live", this.page);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.hash = "";
    address.search = this.token === "" ? "" : `?access_token=${encodeURIComponent(this.token)}`;
    return address.href;
  }

  async config(): Promise<Config> {
    return decodeConfig(await this.ask("api/v1/config"));
  }

  async history(): Promise<Point[]> {
    return decodeHistory(await this.ask("api/v1/history"));
  }

  /** The profile of a viewer. Rejects with a text for people if there is none. */
  async viewer(id: string): Promise<JsonObject> {
    return parse(await this.ask(`api/v1/viewers/${encodeURIComponent(id)}`));
  }

  private async ask(path: string): Promise<string> {
    const headers: HeadersInit = this.token === "" ? {} : { Authorization: `Bearer ${this.token}` };
    const answer = await fetch(new URL(path, this.page), {
      headers,
      signal: AbortSignal.timeout(wait_max_ms),
    });
    if (answer.ok) return answer.text();
    if (answer.status === 401) throw new Error("a token is needed: open this page with #token=…");
    if (answer.status === 404) throw new Error("there is no such viewer any more");
    throw new Error(`the server answered ${answer.status}`);
  }
}

/** The token in a page's address, "" if there is none. */
export function tokenOf(page: URL): string {
  return new URLSearchParams(page.hash.slice(1)).get("token") ?? "";
}
