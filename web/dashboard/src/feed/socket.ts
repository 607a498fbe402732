// The connection to /live: opened, watched, opened again when it fails. It hands on decoded messages
// and closes at once when one is wrong or missing, since a new connection begins with a snapshot.

import { decode, type Message } from "../wire/messages";
import { pause } from "./backoff";

export type Status = "connecting" | "live" | "reconnecting";

export interface Hearer {
  /** A message. May throw, if it does not follow the last one: the connection is made anew. */
  message(message: Message): void;
  status(status: Status): void;
}

const silence_max_ms = 20_000; // the server sends a frame each second
const check_every_ms = 5_000;

/** Connects to `address` (ws: or wss:) and stays connected until the page is left. */
export class Socket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private heardAt = 0;

  constructor(
    private readonly address: string,
    private readonly hearer: Hearer,
  ) {
    setInterval(() => this.check(), check_every_ms);
    this.connect();
  }

  private connect(): void {
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.heardAt = performance.now();
    socket.addEventListener("message", (event) => {
      if (socket === this.socket) this.hear(event.data);
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket) this.again();
    });
  }

  private hear(data: unknown): void {
    this.heardAt = performance.now();
    try {
      this.hearer.message(decode(String(data)));
    } catch (error) {
      console.warn("live:", error);
      this.drop();
      return;
    }
    this.attempt = 0;
    this.hearer.status("live");
  }

  private check(): void {
    if (this.socket !== null && performance.now() - this.heardAt > silence_max_ms) this.drop();
  }

  // A socket that does not close by itself is left to do so alone.
  private drop(): void {
    this.socket?.close();
    this.again();
  }

  private again(): void {
    this.socket = null;
    this.hearer.status("reconnecting");
    setTimeout(() => this.connect(), pause(this.attempt, Math.random()));
    this.attempt += 1;
  }
}
