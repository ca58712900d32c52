import type { CallEvent, CallEvents, From } from "@trunkline/process";
import type { PostgresError, ProtocolError } from "@trunkline/protocol";
import type { ProtocolMisuse } from "./connection/protocol-misuse.ts";
import type { QueryResult } from "./connection/query-result.ts";
import type { DONE } from "./done.ts";
import type { Ignore, Instruction, Noreply, Reason, Stop } from "./instruction.ts";
import type { ReplicationError } from "./replication-error.ts";

/** A value now or later. While a callback's promise is pending no other callback runs; the connection stays live. */
export type MaybePromise<T> = T | Promise<T>;

/** What a query gave: one result for each statement, or why there is none. */
export type ResultOrError = readonly QueryResult[] | QueryError;

/**
 * Why a query or a stream gave no result; the connection lives. The server's error, `not_connected`, or a statement
 * that cannot be used here.
 */
export type QueryError = PostgresError | ReplicationError | ProtocolMisuse | ProtocolError;

/** The call events of an interface of calls; any call, where the calls are not described. */
export type CallsOf<Calls> = unknown extends Calls ? CallEvent : CallEvents<Calls>;

/** The requests of an interface of calls: `{ status: { reply: string } }` gives `{ type: "status" }`. */
export type RequestOf<Calls> = CallsOf<Calls>["request"];

/** Who asked one of these calls: the handle that `reply` takes, with any of the replies. */
export type FromOf<Calls> = From<CallsOf<Calls> extends infer Event ? ReplyIn<Event> : never>;

type ReplyIn<Event> = Event extends CallEvent<infer _Request, infer Reply> ? Reply : never;

/**
 * The user's part of a connection. One value of type `State` is passed from callback to callback; never do two of them
 * overlap. Each may return its instruction or a promise of it. A callback that throws, or returns something else, ends
 * the process with that error: no `handleDisconnect`, no reconnect.
 * @see https://hexdocs.pm/postgrex/Postgrex.ReplicationConnection.html
 */
export interface Callbacks<State, Calls, Info, Arg> {
  /** Runs once, before any network activity: returns the first state, or `stop(reason)`, or `ignore()`. */
  init(arg: Arg): MaybePromise<State | Stop | Ignore>;

  /** Runs after every successful connect. Default: nothing happens. */
  handleConnect?(state: State): MaybePromise<Instruction<State>>;

  /**
   * Runs when an established connection is given up, with and without `autoReconnect`; not after a failed connect, not
   * when the process is stopped. Only `noreply(state)` may be returned. Default: the state is kept.
   */
  handleDisconnect?(reason: Reason, state: State): MaybePromise<Noreply<State>>;

  /**
   * Runs for each CopyData payload of a stream, in wire order, and once with `DONE` when the stream has ended normally.
   * `data` is a view into a slab of 256 KiB: nobody overwrites it, but keeping it keeps the slab, so copy what you keep.
   * Needed by whoever streams.
   */
  handleData?(data: Uint8Array | typeof DONE, state: State): MaybePromise<Instruction<State>>;

  /**
   * Runs instead of `handleData` for each payload, where it is there; `handleData` then gets `DONE` only. The payload
   * stands in `slab` from `from` (inclusive) to `to` (exclusive); the bytes around it are none of its. Nobody overwrites
   * them, but copy what you keep. For decoders, which read bytes where they stand: it spares a view of each payload, 5 %
   * of what a decoded row costs. Default: `handleData` gets a view.
   */
  handleBytes?(slab: Uint8Array, from: number, to: number, state: State): MaybePromise<Instruction<State>>;

  /** Runs for each message sent with `send` or `cast`. Default: it is dropped. */
  handleInfo?(info: Info, state: State): MaybePromise<Instruction<State>>;

  /** Runs for each `call`. Answer with `reply(from, value)`, now or later. Default: the caller gets `missing_callback`. */
  handleCall?(request: RequestOf<Calls>, from: FromOf<Calls>, state: State): MaybePromise<Instruction<State>>;

  /**
   * Runs after each query with its results or its error; also with the error of a stream that the server refused or
   * that failed while the connection lives on. Needed by whoever queries or streams.
   */
  handleResult?(results: ResultOrError, state: State): MaybePromise<Instruction<State>>;

  /** Runs when the server has begun a stream, before its first data. Default: nothing happens. */
  handleStreamStart?(state: State): MaybePromise<Instruction<State>>;

  /** What of the state may be shown in status dumps, logs and crash reports. Default: all of it. */
  formatStatus?(state: unknown): unknown;
}
