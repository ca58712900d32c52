import type { Clock } from "@trunkline/process";
import {
  clockFromUnixMicros,
  decodePrimaryKeepalive,
  formatLsn,
  PRIMARY_KEEPALIVE,
  readXLogDataEnd,
  X_LOG_DATA,
  X_LOG_DATA_HEADER_BYTES,
  ZERO_LSN,
} from "@trunkline/protocol";
import type { StreamEnd, StreamSink, StreamStart } from "../connection/stream-sink.ts";
import type { Telemetry } from "../telemetry.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Progress } from "./progress.ts";
import type { StreamLiveness, StreamTotals } from "./stream-vitals.ts";
import { computeTimings } from "./timings.ts";

/** What a reader needs of its session. */
export interface StreamSession {
  readonly bytesRead: number;
  /** Whether nothing is read or handed over just now. */
  readonly deaf: boolean;
  /** `false`: not sent, since the stream takes no more. */
  send(payloads: readonly Uint8Array[]): boolean;
}

/** Who a reader tells. */
export interface StreamReaderHandlers {
  started(): void;
  /** One payload, for the mailbox. */
  data(payload: Uint8Array): void;
  /** The same as a range of a slab, instead of `data`, where it is there. */
  readonly bytes: ((slab: Uint8Array, from: number, to: number) => void) | undefined;
  /** A batch is over: time for messages that wait. */
  turn(): void;
  /** The first WAL, or the first row of a COPY: the connection is good for something. */
  firstData(): void;
  ended(end: StreamEnd): void;
  /** The server has been silent for too long. */
  gone(silentMs: number): void;
}

/** How a stream is kept alive. */
export interface StreamCare {
  readonly statusUpdates: boolean;
  readonly livenessTimeoutMs: number;
  readonly walSenderTimeoutMs: number | undefined;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Counted up once a turn. */
  readonly totals: StreamTotals;
}

/**
 * Reads one stream: hands each payload on by one plain call, and sees to what the server needs to hear meanwhile, also
 * while a handler is busy or the flow is paused.
 */
export class StreamReader implements StreamSink {
  readonly progress = new Progress();
  readonly bytes: StreamSink["bytes"];
  readonly #session: StreamSession;
  readonly #handlers: StreamReaderHandlers;
  readonly #care: StreamCare;
  #heartbeat: Heartbeat | undefined;
  #replicates = false;
  #proved = false;
  /** Where the last WAL of this turn stands. */
  #wal: Uint8Array | undefined;
  #walAt = 0;
  #updatesSent = 0;
  #messages = 0;
  #bytes = 0;

  constructor(session: StreamSession, handlers: StreamReaderHandlers, care: StreamCare) {
    this.#session = session;
    this.#handlers = handlers;
    this.#care = care;
    const { bytes } = handlers;
    if (bytes !== undefined) {
      this.bytes = (slab, from, to) => {
        if (!this.#heard(slab, from, to)) bytes(slab, from, to);
      };
    }
  }

  started(start: StreamStart): void {
    this.#replicates = start.copy === "both";
    this.#care.telemetry.publish("streamStart", () => ({ copy: start.copy }));
    if (this.#replicates) this.#heartbeat = this.#beat();
    this.#handlers.started();
  }

  data(payload: Buffer): void {
    if (!this.#heard(payload, 0, payload.length)) this.#handlers.data(payload);
  }

  turn(): void {
    this.#account();
    this.#handlers.turn();
  }

  /** How the peer does; `undefined` for a COPY, whose server owes no sign of life. */
  get liveness(): StreamLiveness | undefined {
    const heartbeat = this.#heartbeat;
    if (heartbeat === undefined) return undefined;
    const { heardAtMs, askedAtMs } = heartbeat;
    return { heardAtMs, askedAtMs, timeoutMs: this.#care.livenessTimeoutMs };
  }

  ended(end: StreamEnd): void {
    this.stop();
    if (this.#messages > 0) this.#account();
    this.#care.telemetry.publish("streamEnd", () => ({ how: end.type }));
    this.#handlers.ended(end);
  }

  /** Sends what a callback returned. */
  acknowledge(messages: readonly Uint8Array[]): void {
    this.#updatesSent += 1;
    if (!this.#session.send(messages)) return;
    for (const message of messages) this.progress.returned(message);
    this.#published(false);
  }

  /** Repeats what is confirmed, if anything is. */
  repeat(): void {
    if (!this.#replicates || !this.#care.statusUpdates) return;
    this.#noteReceived();
    const update = this.progress.update(now());
    if (update !== undefined && this.#session.send([update])) this.#published(true);
  }

  /** Ends the timer. */
  stop(): void {
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
  }

  #beat(): Heartbeat {
    return new Heartbeat(this.#care.clock, computeTimings(this.#care), {
      bytesRead: () => this.#session.bytesRead,
      deaf: () => this.#session.deaf,
      repeat: () => this.repeat(),
      ask: () => void this.#session.send([this.progress.question(now())]),
      gone: (silentMs) => this.#handlers.gone(silentMs),
    });
  }

  /** Notes a payload; answers whether that was all: a keepalive has been handed over then. */
  #heard(bytes: Uint8Array, from: number, to: number): boolean {
    this.#messages += 1;
    this.#bytes += to - from;
    const tag = bytes[from];
    if (tag === PRIMARY_KEEPALIVE && this.#replicates) {
      this.#keepalive(bytes.subarray(from, to));
      return true;
    }
    if (tag === X_LOG_DATA && to - from >= X_LOG_DATA_HEADER_BYTES) {
      if (this.#wal !== bytes) this.#wal = bytes;
      this.#walAt = from;
    }
    if (!this.#proved) {
      this.#proved = true;
      this.#handlers.firstData();
    }
    return false;
  }

  #keepalive(payload: Uint8Array): void {
    const { walEnd, replyRequested } = decodePrimaryKeepalive(payload);
    this.progress.saw(walEnd);
    const before = this.#updatesSent;
    const { bytes } = this.#handlers;
    if (bytes === undefined) this.#handlers.data(payload);
    else bytes(payload, 0, payload.length);
    // The callback may have answered by itself; of k0 nobody wants an answer (W27).
    if (replyRequested && this.#updatesSent === before) this.repeat();
  }

  /** Adds a batch to the totals, and tells of it. */
  #account(): void {
    this.#noteReceived();
    this.#care.telemetry.publish("batch", () => ({
      messages: this.#messages,
      bytes: this.#bytes,
      received: this.#replicates ? formatLsn(this.progress.received) : undefined,
    }));
    const { totals } = this.#care;
    totals.messages += this.#messages;
    totals.bytes += this.#bytes;
    this.#messages = 0;
    this.#bytes = 0;
  }

  // Once for many messages: the last one's position will do.
  #noteReceived(): void {
    if (this.#wal === undefined) return;
    this.progress.saw(readXLogDataEnd(this.#wal, this.#walAt));
    this.#wal = undefined;
  }

  #published(automatic: boolean): void {
    this.#care.telemetry.publish("acknowledged", () => ({
      flushed: formatLsn(this.progress.confirmed ?? ZERO_LSN),
      received: formatLsn(this.progress.received),
      automatic,
    }));
  }
}

const now = (): bigint => clockFromUnixMicros(BigInt(Date.now()) * 1000n);
