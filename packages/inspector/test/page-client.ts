import { once } from "node:events";
import WebSocket from "ws";
import type { PageFrame, Proc, ServerFrame } from "../src/wire.ts";

type FrameOf<T extends ServerFrame["t"]> = Extract<ServerFrame, { readonly t: T }>;

/** A page without a screen: it reads frames, keeps the rows, and says what it has seen. */
export class PageClient {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  rows = new Map<string, Proc>();
  #wake: () => void = () => {};
  readonly #isAttentive: boolean;

  constructor(url: string, options: { readonly attentive?: boolean; readonly headers?: Record<string, string> } = {}) {
    this.#isAttentive = options.attentive ?? true;
    this.socket = new WebSocket(socketUrl(url), { headers: options.headers ?? {} });
    this.socket.on("error", () => {});
    this.socket.on("message", (data) => this.#receive(JSON.parse(String(data)) as ServerFrame));
  }

  send(frame: PageFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Waits until the socket has closed, and answers with its code. */
  async closed(): Promise<number> {
    const [code] = (await once(this.socket, "close")) as [number];
    return code;
  }

  /** The first frame of a kind, of those to come or since `from`, that fits. */
  async frame<T extends ServerFrame["t"]>(
    t: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
    from = 0,
  ): Promise<FrameOf<T>> {
    for (let index = from; ; index += 1) {
      while (index >= this.frames.length) await this.#more();
      const frame = this.frames[index];
      if (frame?.t === t && fits(frame as FrameOf<T>)) return frame as FrameOf<T>;
    }
  }

  /** Waits until a row fits. */
  async row(fits: (row: Proc) => boolean): Promise<Proc> {
    for (;;) {
      for (const row of this.rows.values()) if (fits(row)) return row;
      await this.#more();
    }
  }

  /** Waits until the rows fit. */
  async until(fits: (rows: ReadonlyMap<string, Proc>) => boolean): Promise<void> {
    while (!fits(this.rows)) await this.#more();
  }

  close(): void {
    this.socket.terminate();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #receive(frame: ServerFrame): void {
    this.frames.push(frame);
    if (frame.t === "tree") this.rows = new Map(frame.procs.map((row) => [row.ref, row]));
    if (frame.t === "delta") {
      for (const ref of frame.gone) this.rows.delete(ref);
      for (const change of frame.changed) {
        this.rows.set(change.ref, { ...this.rows.get(change.ref), ...change } as Proc);
      }
    }
    if (this.#isAttentive && (frame.t === "tree" || frame.t === "delta")) this.send({ t: "seen", seq: frame.seq });
    this.#wake();
  }
}

function socketUrl(url: string): string {
  const address = new URL(url);
  address.protocol = "ws:";
  address.pathname = "/ws";
  return address.href;
}
