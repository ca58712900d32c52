import type { Socket } from "node:net";
import { reset } from "../reset.ts";
import type { MessageScanner } from "./message-scanner.ts";

/** How a connection ends: `fin` after what was sent, `rst` at once. */
export type CutMode = "fin" | "rst";

/**
 * A place in one direction of a connection, counted from its beginning. Messages are counted and looked at when they
 * are complete, and only while the connection is not encrypted; an answer to SSLRequest and a startup message count
 * as one, with tag `"?"`.
 */
export type Point =
  /** After so many bytes. */
  | { readonly bytes: number }
  /** After so many messages, and so many bytes of the next ones (default 0). */
  | { readonly messages: number; readonly plusBytes?: number }
  /** After the first message that is like this; `number` counts from 1. */
  | { readonly message: (tag: string, number: number) => boolean };

/** What happens at a point: the connection is cut, this direction stalls, or a function is called. */
export type Fault = CutMode | "stall" | (() => void);

/** One direction of a proxied connection. */
export interface Flow {
  /** Bytes handed on. */
  readonly bytes: number;
  /** Complete messages handed on. */
  readonly messages: number;
  /** Whether the direction stands still. */
  readonly stalled: boolean;
  /** Stops reading and handing on: the sender's window fills, and it blocks. */
  stall(): void;
  /** Goes on after a stall, with nothing lost. */
  resume(): void;
  /** Hands on in pieces of these lengths, over and over; an empty list ends it. */
  split(lengths: readonly number[]): void;
  /** Holds every byte back for so long, milliseconds, in order; 0 ends it. */
  delay(milliseconds: number): void;
  /** Does something exactly there; at once if that place is passed. Of several points the first one asked for is looked at first. */
  at(point: Point, fault: Fault): void;
}

/** Ends as the sender ended. */
type Item = { readonly bytes: Buffer; readonly due: number } | { readonly end: CutMode };

interface Trap {
  point: Point;
  readonly fault: Fault;
}

const heldBytesMax = 256 * 1024;

/** Reads one socket and writes the other, by way of the faults. */
export class SocketFlow implements Flow {
  bytes = 0;
  messages = 0;
  stalled = false;
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #scanner: MessageScanner;
  readonly #cut: (mode: CutMode) => void;
  #queue: Item[] = [];
  #held = 0;
  #pumping = false;
  #abandoned = false;
  #lengths: readonly number[] = [];
  #nextLength = 0;
  #delayMs = 0;
  #traps: Trap[] = [];

  constructor(source: Socket, sink: Socket, scanner: MessageScanner, cut: (mode: CutMode) => void) {
    this.#source = source;
    this.#sink = sink;
    this.#scanner = scanner;
    this.#cut = cut;
    source.on("data", (bytes) => {
      this.#held += bytes.length;
      if (this.#held >= heldBytesMax && !this.#abandoned) source.pause();
      this.#take({ bytes, due: performance.now() + this.#delayMs });
    });
    source.on("end", () => this.#take({ end: "fin" }));
    source.on("error", () => this.#take({ end: "rst" }));
  }

  stall(): void {
    this.stalled = true;
    this.#source.pause();
  }

  resume(): void {
    this.stalled = false;
    this.#pump();
  }

  split(lengths: readonly number[]): void {
    this.#lengths = lengths.filter((length) => length > 0);
    this.#nextLength = 0;
  }

  delay(milliseconds: number): void {
    this.#delayMs = milliseconds;
  }

  at(point: Point, fault: Fault): void {
    const trap = { point, fault };
    this.#traps.push(trap);
    if (this.#isBehind(trap)) this.#spring(trap);
  }

  /** Hands on nothing more; what still comes is read and dropped, so that the sender can come to its end. */
  abandon(): void {
    this.#abandoned = true;
    this.#queue = [];
    this.#traps = [];
    this.#source.resume();
  }

  #take(item: Item): void {
    if (this.#abandoned) return;
    this.#queue.push(item);
    this.#pump();
  }

  /** Hands on what waits, one item after the other; only one pump runs at a time. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (!this.stalled && !this.#abandoned && !this.#sink.destroyed) {
      if (this.#held < heldBytesMax) this.#source.resume();
      const item = this.#queue.shift();
      if (item === undefined) break;
      if ("end" in item) this.#finish(item.end);
      else await this.#handOn(item);
    }
    this.#pumping = false;
  }

  async #handOn({ bytes, due }: Extract<Item, { bytes: Buffer }>): Promise<void> {
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const sure = this.#untilFault(bytes);
    const piece = bytes.subarray(0, sure.length);
    const rest = bytes.subarray(sure.length);
    this.#held -= piece.length;
    if (rest.length > 0) this.#queue.unshift({ bytes: rest, due });
    for (const part of this.#cutUp(piece)) {
      await this.#write(part);
      this.bytes += part.length;
    }
    if (sure.trap !== undefined) this.#spring(sure.trap);
    for (const trap of this.#traps) if (this.#isBehind(trap)) this.#spring(trap); // those at the very same place
  }

  /** How many of these bytes may pass before a trap springs, counting messages on the way. */
  #untilFault(bytes: Buffer): { readonly length: number; readonly trap?: Trap } {
    let length = 0;
    while (length < bytes.length) {
      const near = this.#nearestByte(length, bytes.length);
      const { used, ended } = this.#scanner.advance(bytes.subarray(length, near.end));
      length += used;
      if (ended !== undefined) {
        this.messages += 1;
        const trap = this.#trapAfter(ended, length);
        if (trap !== undefined) return { length, trap };
      }
      if (near.trap !== undefined && length === near.end) return { length, trap: near.trap };
    }
    return { length };
  }

  #nearestByte(from: number, to: number): { readonly end: number; readonly trap?: Trap } {
    let nearest: { end: number; trap?: Trap } = { end: to };
    for (const trap of this.#traps) {
      if (!("bytes" in trap.point)) continue;
      const end = trap.point.bytes - this.bytes;
      if (end > from && end < nearest.end + (nearest.trap === undefined ? 1 : 0)) nearest = { end, trap };
    }
    return nearest;
  }

  /** The trap that the end of this message springs; one with bytes to go becomes a trap at that byte. */
  #trapAfter(tag: string, length: number): Trap | undefined {
    for (const trap of this.#traps) {
      const { point } = trap;
      if ("message" in point && point.message(tag, this.messages)) return trap;
      if (!("messages" in point) || point.messages !== this.messages) continue;
      if ((point.plusBytes ?? 0) === 0) return trap;
      trap.point = { bytes: this.bytes + length + (point.plusBytes ?? 0) };
    }
    return undefined;
  }

  #isBehind({ point }: Trap): boolean {
    if ("bytes" in point) return point.bytes <= this.bytes;
    if ("messages" in point) return point.messages <= this.messages && (point.plusBytes ?? 0) === 0;
    return false;
  }

  #spring(trap: Trap): void {
    this.#traps = this.#traps.filter((other) => other !== trap);
    switch (trap.fault) {
      case "stall":
        this.stall();
        break;
      case "fin":
      case "rst":
        this.#cut(trap.fault);
        break;
      default:
        trap.fault();
    }
  }

  #cutUp(piece: Buffer): Buffer[] {
    if (this.#lengths.length === 0) return piece.length === 0 ? [] : [piece];
    const parts: Buffer[] = [];
    for (let at = 0; at < piece.length; this.#nextLength += 1) {
      const length = this.#lengths[this.#nextLength % this.#lengths.length] ?? piece.length;
      parts.push(piece.subarray(at, at + length));
      at += length;
    }
    return parts;
  }

  /** Resolves when the kernel has the bytes: a reader that is slow slows us. */
  async #write(bytes: Buffer): Promise<void> {
    if (this.#sink.destroyed || this.#sink.writableEnded) return;
    await new Promise<void>((resolve) => {
      this.#sink.write(bytes, () => resolve()); // called with an error if the socket is destroyed meanwhile
    });
    if (this.#lengths.length === 0) return;
    await turn(); // a reader in this process gets to read the piece before the next one
    await turn();
  }

  #finish(mode: CutMode): void {
    if (mode === "fin") this.#sink.end();
    else reset(this.#sink);
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
