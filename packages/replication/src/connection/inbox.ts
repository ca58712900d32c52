import { type BackendMessage, parseBackendMessage } from "@trunkline/protocol";
import type { WireHandlers } from "./wire.ts";

/** Messages in order, for a conversation written as an async function: the handshake. */
export class Inbox implements WireHandlers {
  readonly #messages: BackendMessage[] = [];
  #waiting: { resolve(message: BackendMessage): void; reject(reason: Error): void } | undefined;
  #ended: Error | undefined;
  readonly #readFrom: (typeByte: number, body: Buffer) => BackendMessage;

  constructor(parse: (typeByte: number, body: Buffer) => BackendMessage = parseBackendMessage) {
    this.#readFrom = parse;
  }

  message(typeByte: number, body: Buffer): void {
    const message = this.#readFrom(typeByte, body);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#messages.push(message);
    else waiting.resolve(message);
  }

  closed(reason: Error): void {
    this.#ended = reason;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(reason);
  }

  /** The next message. Rejects with the reason when the connection has ended and all before it was read. */
  next(): Promise<BackendMessage> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}
