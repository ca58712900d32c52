import type { PostgresError } from "@trunkline/protocol";
import type { QueryResult } from "./query-result.ts";

/** How a stream began: `both` for START_REPLICATION (the client may send too), `out` for COPY … TO STDOUT. */
export interface StreamStart {
  readonly copy: "both" | "out";
  /** Process id of the backend. */
  readonly connectionId: number;
}

/**
 * How a stream ended. `done`: both sides are through, the session is idle again; `results` holds what followed the data,
 * such as the next timeline. `failed`: the server reported an error, the session is idle again. `lost`: the session is
 * over.
 */
export type StreamEnd =
  | { readonly type: "done"; readonly results: readonly QueryResult[] }
  | { readonly type: "failed"; readonly error: PostgresError }
  | { readonly type: "lost"; readonly reason: Error };

/**
 * Who gets a stream. All calls are synchronous and come in the order of the bytes; a throw ends the connection.
 * To stop the flow at any of them call `session.hold()`; nothing more comes until `session.release()`.
 */
export interface StreamSink {
  /** The server has agreed; comes before the first data. */
  started?(start: StreamStart): void;
  /**
   * One CopyData payload. It is a view that nobody overwrites, and it keeps its slab of 256 KiB alive: copy what you keep
   * for long.
   */
  data(payload: Buffer): void;
  /**
   * One CopyData payload, from `from` (inclusive) to `to` (exclusive) of a slab, whose other bytes belong to others.
   * Called instead of `data`, where it is there: whoever reads bytes where they stand needs no view of each payload.
   */
  readonly bytes?: ((slab: Buffer, from: number, to: number) => void) | undefined;
  /** At most `maxMessages` payloads have come since the last turn, or all there were. Time for what else is waiting. */
  turn?(): void;
  /** Comes exactly once after `started`. When it is called the session already takes queries again, unless `lost`. */
  ended(end: StreamEnd): void;
}

/** How a stream flows. */
export interface StreamOptions {
  /** Payloads after which messages that wait have their turn. An integer from 1; default 500. */
  readonly maxMessages?: number | undefined;
  /** Bytes that may wait while held before the server is slowed down; it goes on below half of it. Default 1 MiB. */
  readonly highWaterBytes?: number | undefined;
  /** As `highWaterBytes`, counted in messages. Default 10,000. */
  readonly highWaterMessages?: number | undefined;
  /**
   * How long the server may take to begin, in milliseconds; then the connection is given up with `stream_start_timeout`.
   * Default: no limit, since a slot may have to be waited for.
   */
  readonly timeoutMs?: number | undefined;
}
