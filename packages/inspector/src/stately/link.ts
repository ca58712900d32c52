import type { Clock } from "@trunkline/process";
import { WebSocket } from "ws";

/** What may wait to be written; more than that is left out. */
const mostBytes = 4 * 1024 * 1024;
const retryMs = 1000;

/** A connection that is opened again when it is lost. It keeps nothing alive and nothing for later. */
export class StatelyLink {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #onOpen: () => void;
  #socket: WebSocket | undefined;
  #retry: unknown;
  #isClosed = false;

  constructor(url: string, clock: Clock, onOpen: () => void) {
    this.#url = url;
    this.#clock = clock;
    this.#onOpen = onOpen;
    this.#open();
  }

  /** Whether what is sent now arrives. */
  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN && this.#socket.bufferedAmount < mostBytes;
  }

  send(text: string): void {
    if (this.isOpen) this.#socket?.send(text);
  }

  close(): void {
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#retry);
    this.#socket?.close();
  }

  #open(): void {
    const socket = new WebSocket(this.#url, { perMessageDeflate: false, handshakeTimeout: 5000 });
    this.#socket = socket;
    socket.on("upgrade", (response) => void response.socket.unref());
    socket.on("open", () => (this.#isClosed ? socket.close() : this.#onOpen()));
    // What a relay passes on from others is none of our business.
    socket.on("message", () => {});
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#isClosed) return;
      this.#retry = this.#clock.setTimeout(() => this.#open(), retryMs);
    });
  }
}
