import type { ExitReason } from "@trunkline/process";
import type { StreamOptions } from "./connection/stream-sink.ts";

/**
 * What is sent to the server as one CopyData message: bytes, or nested lists of bytes that are joined. A standby status
 * update comes from `encodeStandbyStatusUpdate`.
 */
export type Ack = Uint8Array | readonly Ack[];

/**
 * Why a connection is given up. `"normal"`, `"shutdown"` and the exit reasons of those types are clean ends; an error,
 * a string and everything else is an abnormal one.
 */
export type Reason = Error | string | ExitReason;

/** Limits of one query. */
export interface QueryOptions {
  /**
   * The most milliseconds from sending the query to the server's last answer. When they are over, the query is
   * cancelled and the connection is given up with a `QueryTimeout`. Default: no limit.
   */
  readonly timeoutMs?: number;
  /** When aborted, the server is asked to cancel the query; its error comes to `handleResult`. */
  readonly signal?: AbortSignal;
}

/** Keep `state`; send each of `acks` as one CopyData message, in order, in one write. */
export interface Noreply<State> {
  readonly type: "noreply";
  readonly state: State;
  readonly acks: readonly Ack[] | undefined;
}

/** Run `sql`, then `handleResult`, before anything else is handled. */
export interface Query<State> {
  readonly type: "query";
  readonly sql: string;
  readonly state: State;
  readonly options: QueryOptions;
}

/** Send `sql`, which puts the connection into copy mode, and hand what comes to `handleData`. */
export interface Stream<State> {
  readonly type: "stream";
  readonly sql: string;
  readonly state: State;
  readonly options: StreamOptions;
}

/** End the running stream and keep the connection: `handleData(DONE)` follows the data that is still on its way. */
export interface StopStream<State> {
  readonly type: "stopStream";
  readonly state: State;
}

/** Hand out no data until `resume`. Calls, infos, status updates and shutdown go on. */
export interface Pause<State> {
  readonly type: "pause";
  readonly state: State;
  readonly acks: readonly Ack[] | undefined;
}

/** Hand out data again. */
export interface Resume<State> {
  readonly type: "resume";
  readonly state: State;
  readonly acks: readonly Ack[] | undefined;
}

/** Give up the connection: `handleDisconnect`, then reconnect or end, as `autoReconnect` says. */
export interface Disconnect<State> {
  readonly type: "disconnect";
  readonly reason: Reason;
  /** `undefined`: the state that was there before the callback is kept. */
  readonly state: State | undefined;
}

/** End the process with `reason`, whatever `autoReconnect` says. `handleDisconnect` does not run. */
export interface Stop {
  readonly type: "stop";
  readonly reason: Reason;
}

/** `init` only: there is nothing to run, and that is no failure. */
export interface Ignore {
  readonly type: "ignore";
}

/** What a callback returns. Make one with the functions of the same names. */
export type Instruction<State> =
  | Noreply<State>
  | Query<State>
  | Stream<State>
  | StopStream<State>
  | Pause<State>
  | Resume<State>
  | Disconnect<State>
  | Stop;

/** Go on with `state`; each of `acks` is sent as one CopyData message, in order, in one write. */
export function noreply<State>(state: State, acks?: readonly Ack[]): Noreply<State> {
  return { type: "noreply", state, acks };
}

/**
 * Run `sql` by the simple protocol, then `handleResult`. Calls and infos wait until the chain of queries ends. Several
 * statements give several results. Refused while streaming; without a connection `handleResult` gets `not_connected`.
 */
export function query<State>(sql: string, state: State, options: QueryOptions = {}): Query<State> {
  return { type: "query", sql, state, options };
}

/**
 * Start a stream: `START_REPLICATION …` or `COPY … TO STDOUT`. `handleStreamStart` follows when the server has begun,
 * `handleResult` with its error when it refused. Refused while another stream runs.
 */
export function stream<State>(sql: string, state: State, options: StreamOptions = {}): Stream<State> {
  return { type: "stream", sql, state, options };
}

/** End the running stream and keep the connection. A server answers CopyDone when the transaction in hand is sent. */
export function stopStream<State>(state: State): StopStream<State> {
  return { type: "stopStream", state };
}

/** Hand out no data until a callback returns `resume`; the server is held back by TCP, not by memory here. */
export function pause<State>(state: State, acks?: readonly Ack[]): Pause<State> {
  return { type: "pause", state, acks };
}

/** Hand out data again after `pause`. */
export function resume<State>(state: State, acks?: readonly Ack[]): Resume<State> {
  return { type: "resume", state, acks };
}

/** Give up the connection. Without `autoReconnect` the process ends with exactly `reason`. */
export function disconnect<State>(reason: Reason, state?: State): Disconnect<State> {
  return { type: "disconnect", reason, state };
}

/** End the process with `reason`; `"normal"` and `"shutdown"` are clean. Also allowed from `init`. */
export function stop(reason: Reason, _state?: unknown): Stop {
  return { type: "stop", reason };
}

/** From `init`: there is nothing to run. `startLink` resolves to `undefined`. */
export function ignore(): Ignore {
  return { type: "ignore" };
}
