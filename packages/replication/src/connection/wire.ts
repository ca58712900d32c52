import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { FRAME_HEADER_BYTES, ProtocolError } from "@trunkline/protocol";
import type { Endpoint } from "../options/endpoint.ts";
import {
  type ConnectionAction,
  ConnectionError,
  type ConnectionErrorKind,
  connectionErrorFrom,
  type Transport,
} from "./connection-error.ts";
import { countFrames, type DataHandlers, FrameCutter } from "./frame-cutter.ts";
import { ReadPacer } from "./read-pacer.ts";
import { READ_BYTES, Slab } from "./slab.ts";
import { after } from "./timeouts.ts";

/** Held bytes at which the socket is paused (default of a stream): 1 MiB. It is read again below half of it. */
export const HIGH_WATER_BYTES = 1 << 20;

/** Held messages at which the socket is paused (default of a stream). */
export const HIGH_WATER_MESSAGES = 10_000;

/** After so many milliseconds without a turn of the event loop the next read waits for it. */
const READS_MS = 1;

/** What a stream asks of its wire. */
export interface Flow {
  readonly maxMessages: number;
  readonly highWaterBytes: number;
  readonly highWaterMessages: number;
}

/** What runs while CopyData is handed over: WAL, whose reads are paced, or rows of a COPY, which come in large pieces. */
export type DataKind = "both" | "out";

/** Who a wire tells. Called synchronously, in the order of the bytes; after `closed` nothing comes. */
export interface WireHandlers {
  message(typeByte: number, body: Buffer): void;
  closed(reason: Error): void;
}

/** What a wire needs to know of the connection's options. */
export interface WireSettings {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly coalesceMs: number;
}

/**
 * Whether too much is held. `countedAt`: bytes that waited when the frames among them were last counted. `goOnAt`: how
 * many frames have to have been handed over before it is time to read again.
 */
type Fullness = { readonly type: "room"; countedAt: number } | { readonly type: "full"; readonly goOnAt: number };

/** Frames are counted again when as many bytes more wait as so many frames have at least; at most 64 KiB. */
const countingStep = (messages: number): number => Math.min(1 << 16, messages * FRAME_HEADER_BYTES);

/**
 * A connected socket that speaks in frames: reads into slabs, cuts, hands over, pauses the socket when nobody takes the
 * frames, and ends exactly once. It knows nothing of what the frames mean.
 *
 * Plain sockets write into the slab by themselves ({@link Wire.onread}); the chunks of a TLS socket are copied in.
 */
export class Wire {
  readonly endpoint: Endpoint;
  /** Bytes read since the beginning, encryption not counted. */
  bytesRead = 0;
  readonly #settings: WireSettings;
  readonly #slab = new Slab();
  readonly #cutter: FrameCutter;
  readonly #pacer: ReadPacer;
  #handlers: WireHandlers | undefined;
  #socket: Socket | undefined;
  #transport: Transport;
  #flow: Pick<Flow, "highWaterBytes" | "highWaterMessages"> = {
    highWaterBytes: HIGH_WATER_BYTES,
    highWaterMessages: HIGH_WATER_MESSAGES,
  };
  #fullness: Fullness = { type: "room", countedAt: 0 };
  #paused = false;
  /** Inside `onread`, whose answer pauses the socket for less than `pause()` costs. */
  #reading = false;
  /** What the read under way may bring at most. */
  #room = 0;
  /** The last read brought all it had room for: the next comes at once, and what is left of the slab will do for it. */
  #filled = false;
  #gathering: NodeJS.Timeout | undefined;
  #paceAtTurn: NodeJS.Immediate | undefined;
  #bytesThisTurn = 0;
  #stopSendTimer: (() => void) | undefined;
  #draining = false;
  #ending: Error | undefined;
  #closed = false;

  constructor(settings: WireSettings) {
    this.endpoint = settings.endpoint;
    this.#settings = settings;
    this.#transport = settings.endpoint.type === "unix" ? "unix" : "tcp";
    this.#pacer = new ReadPacer(settings.coalesceMs, now);
    const handlers = {
      message: (typeByte: number, body: Buffer) => this.#handlers?.message(typeByte, body),
      broken: (error: unknown) => this.#broken(error),
      drained: () => this.#drained(),
      turned: () => this.#regulate(),
    };
    this.#cutter = new FrameCutter(this.#slab, handlers, now);
  }

  get transport(): Transport {
    return this.#transport;
  }

  /** Bytes that have been read and wait to be handed over: what a paused consumer costs, apart from the slab itself. */
  get bytesWaiting(): number {
    return this.#slab.waiting;
  }

  /** Whether the socket is paused because too much is held: the server is slowed down by its full send buffer. */
  get paused(): boolean {
    return this.#fullness.type === "full";
  }

  /** An error of this connection. */
  failure(kind: ConnectionErrorKind, action: ConnectionAction, what: string, cause?: unknown): ConnectionError {
    const { transport, endpoint } = this;
    return new ConnectionError(what, { kind, transport, action, endpoint, ...(cause === undefined ? {} : { cause }) });
  }

  /** The TLS socket, for channel binding. */
  get tlsSocket(): TLSSocket | undefined {
    return this.#transport === "tls" ? (this.#socket as TLSSocket) : undefined;
  }

  /** The option for `net.connect` that makes a plain socket read into the slab. */
  get onread(): { buffer: () => Buffer; callback: (bytes: number, buffer: Uint8Array) => boolean } {
    return {
      buffer: () => {
        const room = this.#slab.room(!this.#filled);
        this.#room = room.length;
        return room;
      },
      callback: (bytes) => {
        // libuv reads again at once where a read has filled its room, and else leaves the next one to the loop.
        if (!this.#filled) this.#cutter.turnBegins();
        this.#filled = bytes === this.#room;
        this.#slab.filled(bytes);
        this.#reading = true;
        this.#received(bytes);
        this.#reading = false;
        return !this.#paused;
      },
    };
  }

  /** Called at each read before {@link Wire.attach}, while bytes gather in the slab: the answer to SSLRequest. */
  onEarlyBytes: (() => void) | undefined;

  /** Takes the first byte that waits, together with how many there were. The rest stays. */
  takeEarlyByte(): { readonly byte: number | undefined; readonly waiting: number } {
    const { buffer, start, waiting } = this.#slab;
    if (waiting === 0) return { byte: undefined, waiting };
    this.#slab.start += 1;
    return { byte: buffer[start], waiting };
  }

  /** Starts handing over frames. Called once; the listeners of whoever opened the socket must be off. */
  attach(socket: Socket, transport: Transport, handlers: WireHandlers): void {
    this.#socket = socket;
    this.#transport = transport;
    this.#handlers = handlers;
    if (transport === "tls") {
      socket.on("data", (chunk: Buffer) => {
        if (this.#paceAtTurn === undefined) this.#cutter.turnBegins();
        if (!this.#draining) this.#slab.append(chunk);
        this.#received(chunk.length);
      });
    }
    socket.resume();
    socket.on("error", (cause) => {
      this.#finish(connectionErrorFrom(cause, { transport, action: "receive", endpoint: this.endpoint, cause }));
    });
    socket.on("end", () => this.#finish(this.failure("closed", "receive", "The connection is closed.")));
    socket.on("close", () => {
      this.#finish(this.failure("closed", "receive", "The connection is closed."));
      this.#release();
    });
  }

  /** From the next frame on, others are told. */
  handOver(handlers: WireHandlers): void {
    if (this.#closed && this.#ending !== undefined) handlers.closed(this.#ending);
    else this.#handlers = handlers;
  }

  /** From the next frame on, payloads of CopyData go to `stream`. */
  startData(stream: DataHandlers, flow: Flow, kind: DataKind): void {
    this.#flow = flow;
    if (kind === "both") this.#pacer.streamBegins();
    this.#cutter.startData(stream, flow.maxMessages);
  }

  /** From the next frame on, CopyData is a message like others. */
  endData(): void {
    this.#cutter.endData();
    this.#pacer.streamEnds();
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#regulate();
  }

  /** No frame is handed over until {@link Wire.release}; past the high water mark the socket is paused. */
  hold(): void {
    this.#cutter.hold();
  }

  /** Goes on with the frames that wait. */
  release(): void {
    this.#cutter.release();
    this.#regulate();
  }

  /** Whether {@link Wire.hold} is in force. */
  get held(): boolean {
    return this.#cutter.held;
  }

  /** Sends bytes. When the kernel takes none of them for `timeoutMs`, the connection is given up. */
  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket === undefined || this.#closed || this.#ending !== undefined || !socket.writable) return;
    socket.write(bytes);
    if (socket.writableLength > 0 && this.#stopSendTimer === undefined) this.#watchSend(socket);
  }

  /**
   * Ends our half and throws away what still comes, until the server has ended its half or `limitMs` is over.
   * The handlers hear nothing more. Resolves when the socket is closed.
   */
  async end(limitMs: number): Promise<void> {
    const socket = this.#socket;
    this.#silence();
    if (socket === undefined || socket.destroyed) return;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const stop = after(limitMs, () => socket.destroy());
    this.#paused = false;
    socket.resume();
    socket.end();
    await closed;
    stop();
  }

  /** Ends at once, with `reason` for the handlers, unless they have been told of an earlier end. */
  destroy(reason: Error): void {
    this.#ending ??= reason;
    this.#close(this.#ending);
    this.#socket?.destroy();
  }

  #received(bytes: number): void {
    if (this.#draining) {
      this.#slab.clear();
      return;
    }
    this.bytesRead += bytes;
    if (this.#handlers === undefined) {
      this.onEarlyBytes?.();
      return;
    }
    this.#cutter.run();
    if (this.#filled || this.#transport === "tls") this.#cutter.giveWay(READS_MS);
    if (this.#cutter.held) this.#measure();
    if (this.#transport === "tls") {
      // Once per turn of the event loop, never per chunk: pausing a TLS socket at each chunk is 60 times slower.
      this.#bytesThisTurn += bytes;
      this.#paceAtTurn ??= setImmediate(() => {
        this.#paceAtTurn = undefined;
        this.#gather(this.#pacer.afterRead(this.#bytesThisTurn, READ_BYTES));
        this.#bytesThisTurn = 0;
        this.#regulate();
      });
    } else {
      this.#gather(this.#pacer.afterRead(bytes, this.#room));
    }
    this.#regulate();
  }

  #gather(delayMs: number): void {
    if (delayMs === 0 || this.#gathering !== undefined || this.#closed) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      this.#regulate();
    }, delayMs);
  }

  /** Pauses or resumes the socket, whichever the state asks for. */
  #regulate(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#closed || this.#draining) return;
    if (this.#fullness.type === "full" && this.#hasEbbed(this.#fullness.goOnAt)) {
      this.#fullness = { type: "room", countedAt: 0 };
    }
    const pause = this.#gathering !== undefined || this.#cutter.yielded || this.#fullness.type === "full";
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (!pause) socket.resume();
    else if (!this.#reading) socket.pause();
  }

  /** After a read while held: is that the high water mark? Counting frames at each small read would cost too much. */
  #measure(): void {
    const fullness = this.#fullness;
    if (fullness.type === "full") return;
    const { highWaterBytes, highWaterMessages } = this.#flow;
    const { waiting } = this.#slab;
    fullness.countedAt = Math.min(fullness.countedAt, waiting);
    const count = waiting - fullness.countedAt >= countingStep(highWaterMessages);
    if (count) fullness.countedAt = waiting;
    const frames = count || waiting >= highWaterBytes ? countFrames(this.#slab, highWaterMessages) : 0;
    if (waiting < highWaterBytes && frames < highWaterMessages) return;
    this.#fullness = { type: "full", goOnAt: this.#cutter.handedOver + (frames >> 1) };
  }

  /** Low water: half of the high one, so that the socket isn't switched at every message; or nobody holds any more. */
  #hasEbbed(goOnAt: number): boolean {
    if (!this.#cutter.held) return true;
    return this.#cutter.handedOver >= goOnAt && this.#slab.waiting < this.#flow.highWaterBytes / 2;
  }

  #drained(): void {
    if (this.#ending !== undefined) this.#close(this.#ending);
    else this.#regulate();
  }

  #broken(error: unknown): void {
    const reason =
      error instanceof ProtocolError
        ? this.failure("protocol", "receive", "The bytes from the server are not Postgres' protocol.", error)
        : error instanceof Error
          ? error
          : new Error("A handler threw what is not an error.", { cause: error });
    this.destroy(reason);
  }

  /** The socket has ended. Frames that came before are handed over first, also those that are held. */
  #finish(reason: Error): void {
    if (this.#ending !== undefined) return;
    this.#ending = reason;
    this.#cutter.run();
    const waits = this.#cutter.held || this.#cutter.yielded;
    if (!waits || countFrames(this.#slab, 1) === 0) this.#close(reason);
  }

  #close(reason: Error): void {
    if (this.#closed) return;
    this.#silence();
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.closed(reason);
  }

  #silence(): void {
    this.#closed = true;
    this.#draining = true;
    this.#cutter.close();
    this.#slab.clear();
    this.#release();
  }

  #release(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#paceAtTurn !== undefined) clearImmediate(this.#paceAtTurn);
    this.#paceAtTurn = undefined;
    this.#stopSendTimer?.();
    this.#stopSendTimer = undefined;
  }

  #watchSend(socket: Socket): void {
    const sent = socket.bytesWritten - socket.writableLength;
    this.#stopSendTimer = after(this.#settings.timeoutMs, () => {
      this.#stopSendTimer = undefined;
      if (socket.writableLength === 0 || socket.destroyed) return;
      if (socket.bytesWritten - socket.writableLength > sent) {
        this.#watchSend(socket);
        return;
      }
      this.destroy(this.failure("timeout", "send", `The server has read nothing for ${this.#settings.timeoutMs} ms.`));
    });
  }
}

const now = (): number => performance.now();
