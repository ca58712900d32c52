import { once } from "node:events";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { TestingError } from "../errors.ts";
import { reset } from "../reset.ts";
import type { ServerCertificates } from "../tls/certificate-authority.ts";
import { type ClientFrame, describeFrame } from "./client-frame.ts";
import { FrameReader } from "./frame-reader.ts";

const keptHistory = 30;

/** The server's end of one connection: bytes out, frames in, and a deadline on every wait. */
export class ScriptedConnection {
  readonly #raw: Socket;
  readonly #deadlineMs: number;
  #socket: Socket;
  #reader = new FrameReader();
  #inbox: ClientFrame[] = [];
  #history: string[] = [];
  #wake: () => void = () => {};
  #broken: unknown;

  constructor(socket: Socket, deadlineMs: number) {
    this.#raw = socket;
    this.#deadlineMs = deadlineMs;
    this.#socket = this.#listen(socket);
  }

  /** Frames that arrived and that nobody has taken yet. */
  get inbox(): readonly ClientFrame[] {
    return this.#inbox;
  }

  /** The last frames that were taken, in words, one a line, and what is left of an incomplete one. */
  get history(): string {
    const rest = this.#reader.rest === 0 ? [] : [`${this.#reader.rest} bytes of an incomplete frame`];
    return [...this.#history, ...rest].map((line) => `  ${line}`).join("\n") || "  nothing";
  }

  get encrypted(): boolean {
    return this.#socket !== this.#raw;
  }

  /** The next frame, in the order of arrival; it is taken. @throws TestingError `script_deadline` */
  async next(what: string): Promise<ClientFrame> {
    const deadline = this.deadline(what);
    try {
      for (;;) {
        if (this.#broken !== undefined) throw this.#broken;
        const frame = this.#inbox.shift();
        if (frame !== undefined) return this.#remember(frame);
        const arrived = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        await Promise.race([arrived, deadline.passed]);
      }
    } finally {
      deadline.clear();
    }
  }

  /** A promise that rejects when a wait for `what` has taken too long; clear it in any case. */
  deadline(what: string): { readonly passed: Promise<never>; clear(): void } {
    let timer: NodeJS.Timeout | undefined;
    const passed = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new TestingError(
            "script_deadline",
            `Waited ${this.#deadlineMs} ms for ${what}. Received:\n${this.history}\n`,
          ),
        );
      }, this.#deadlineMs);
    });
    return { passed, clear: () => clearTimeout(timer) };
  }

  /** Hands bytes to the kernel in one write; resolves when it has taken them. A client that left is not an error here. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed || this.#socket.writableEnded) resolve();
      else this.#socket.write(bytes, () => resolve());
    });
  }

  async startTls(certificates: ServerCertificates): Promise<void> {
    this.#raw.removeAllListeners("data");
    await this.write(Buffer.from("S"));
    const { cert, key } = certificates;
    const secure = this.#listen(new TLSSocket(this.#raw, { isServer: true, cert, key }));
    this.#socket = secure;
    const deadline = this.deadline("the TLS handshake");
    try {
      await Promise.race([once(secure, "secure"), deadline.passed]);
    } finally {
      deadline.clear();
    }
  }

  /** FIN: no more from us; the client may go on sending. */
  halfClose(): void {
    this.#socket.end();
  }

  /** RST, at once, whatever was still to be sent. */
  reset(): void {
    reset(this.#raw);
  }

  /** The script is over: when the client has said its last, so have we. */
  release(): void {
    const end = () => this.#socket.end();
    if (this.#socket.readableEnded) end();
    else this.#socket.once("end", end).resume();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#raw.destroy();
  }

  /** Stops reading: the client's writes fill the window and then block. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #listen<S extends Socket>(socket: S): S {
    socket.on("data", (bytes) => {
      try {
        for (const frame of this.#reader.push(bytes)) this.#hear(frame);
      } catch (error) {
        this.#broken = error;
        this.#wake();
      }
    });
    socket.on("end", () => this.#hear({ type: "end", chunk: this.#reader.chunk }));
    socket.on("error", () => {}); // close follows, and says what the script needs to know
    socket.on("close", () => {
      if (this.#socket === socket) this.#hear({ type: "reset", chunk: this.#reader.chunk });
    });
    return socket;
  }

  #hear(frame: ClientFrame): void {
    if (frame.type === "end" && this.#inbox.some(({ type }) => type === "end")) return;
    this.#inbox.push(frame);
    this.#wake();
  }

  #remember(frame: ClientFrame): ClientFrame {
    this.#history.push(describeFrame(frame));
    if (this.#history.length > keptHistory) this.#history.shift();
    return frame;
  }
}
