import {
  type BackendMessage,
  encodeCopyDataFrames,
  encodeCopyDone,
  encodeCopyFail,
  encodeQuery,
  encodeTerminate,
  PostgresError,
  parseBackendMessage,
} from "@trunkline/protocol";
import type { Endpoint } from "../options/endpoint.ts";
import { type ConnectionConfig, duration } from "../options/parse-options.ts";
import { type Activity, idle, type Settle } from "./activity.ts";
import { requestCancel } from "./cancel-request.ts";
import type { Transport } from "./connection-error.ts";
import type { Greeting } from "./handshake.ts";
import { ProtocolMisuse } from "./protocol-misuse.ts";
import { type QueryResult, ResultCollector } from "./query-result.ts";
import type { SessionListeners } from "./session-listeners.ts";
import { parseFlow } from "./stream-flow.ts";
import type { StreamOptions, StreamSink, StreamStart } from "./stream-sink.ts";
import { after, deadlineError } from "./timeouts.ts";
import type { Wire } from "./wire.ts";

/** How long a goodbye may take: 1,000 ms. */
const GOODBYE_MS = 1000;

/**
 * A session with a server that is ready: one query or one stream at a time, always reading, so that its end is noticed
 * in every state. It knows nothing of what the stream carries and acknowledges nothing by itself.
 */
export class Session {
  readonly #wire: Wire;
  readonly #config: ConnectionConfig;
  readonly #greeting: Greeting;
  readonly #listeners: SessionListeners;
  #activity: Activity = idle;
  #gone: Promise<void> | undefined;
  /** Cancel requests on their way: the next statement waits for them, or they would cancel that one. */
  #cancelling: Promise<unknown> | undefined;

  constructor(wire: Wire, config: ConnectionConfig, greeting: Greeting, listeners: SessionListeners) {
    this.#wire = wire;
    this.#config = config;
    this.#greeting = greeting;
    this.#listeners = listeners;
    wire.handOver({
      message: (typeByte, body) => this.#hear(parseBackendMessage(typeByte, body)),
      closed: (reason) => this.#fail(reason),
    });
  }

  /** Where it is connected to: one of the endpoints. */
  get endpoint(): Endpoint {
    return this.#wire.endpoint;
  }

  /** Whether it is plain TCP, TLS, or a unix socket. */
  get transport(): Transport {
    return this.#wire.transport;
  }

  /** Process id of the backend, as in `pg_stat_activity`. */
  get connectionId(): number {
    return this.#greeting.processId;
  }

  /** The server's settings that it reports (`server_version`, `client_encoding` …), always current. */
  get parameters(): ReadonlyMap<string, string> {
    return this.#greeting.parameters;
  }

  /** What it is doing. */
  get state(): Activity["type"] {
    return this.#activity.type;
  }

  /** Why the session is over; `undefined` while it is not. */
  get reason(): Error | undefined {
    return this.#activity.type === "closed" ? this.#activity.reason : undefined;
  }

  /** Bytes read since the beginning: a liveness check compares two readings. */
  get bytesRead(): number {
    return this.#wire.bytesRead;
  }

  /** Bytes that have been read and not yet been handed over. */
  get bytesWaiting(): number {
    return this.#wire.bytesWaiting;
  }

  /** Whether the socket is not read since too much is held, so that silence says nothing about the server. */
  get paused(): boolean {
    return this.#wire.paused;
  }

  /**
   * Runs statements and resolves with one result for each. A server error rejects, and the session stays usable.
   * @param options `timeoutMs` limits the whole query; at the limit it is cancelled and the session ends.
   * @throws PostgresError, QueryTimeout, ConnectionError; ProtocolMisuse `session_busy`, `copy_in_query`,
   * `copy_in_unsupported`; ProtocolError `text_invalid`; ConfigError for a limit out of range
   */
  query(sql: string, options: { readonly timeoutMs?: number | undefined } = {}): Promise<readonly QueryResult[]> {
    const collector = new ResultCollector(this.connectionId);
    return this.#begin(sql, options.timeoutMs, (settle) => ({
      type: "querying",
      collector,
      settle,
      misuse: undefined,
    }));
  }

  /**
   * Starts a stream (START_REPLICATION, COPY … TO STDOUT) and resolves when the server has agreed. When it refuses, the
   * session stays usable.
   * @throws PostgresError, ConnectionError; ProtocolMisuse `session_busy`, `not_a_stream`, `copy_in_unsupported`;
   * ReplicationError `stream_start_timeout`; ConfigError for options out of range
   */
  async stream(sql: string, sink: StreamSink, options: StreamOptions = {}): Promise<StreamStart> {
    const flow = parseFlow(options);
    const collector = new ResultCollector(this.connectionId);
    return this.#begin(sql, options.timeoutMs, (settle) => {
      return { type: "startingStream", collector, settle, sink, flow, misuse: undefined };
    });
  }

  /** Sends CopyData, all payloads in one write. `false`: not sent, since no stream takes data now. */
  send(payloads: readonly Uint8Array[]): boolean {
    const activity = this.#activity;
    if (activity.type !== "streaming" || activity.copy !== "both" || activity.doneSent) return false;
    if (payloads.length > 0) this.#wire.write(encodeCopyDataFrames(payloads));
    return true;
  }

  /**
   * Asks the server to end the stream: the sink still gets what was on its way, then `ended`. Replication ends with
   * `done`; a COPY is cancelled, and ends with `failed` (57014). `false`: there is no stream.
   */
  stopStream(): boolean {
    const activity = this.#activity;
    if (activity.type !== "streaming") return false;
    if (activity.copy === "out") void this.cancel();
    else this.#sendDone(activity);
    return true;
  }

  /** Stops the flow: no data and no message is handed over until {@link Session.release}. */
  hold(): void {
    this.#wire.hold();
  }

  /** Goes on, at once unless called by the sink. */
  release(): void {
    this.#wire.release();
  }

  /** Whether `hold()` keeps back what the server sends. */
  get held(): boolean {
    return this.#wire.held;
  }

  /**
   * Asks the server, on another connection, to cancel what runs, which then ends with 57014 (or has ended meanwhile: the
   * next statement is sent only when the request is through). Resolves when the request has been taken (`true`) or could
   * not be made within `limitMs` (default 1,000).
   */
  async cancel(limitMs: number = GOODBYE_MS): Promise<boolean> {
    const { cancelKey: key, processId } = this.#greeting;
    if (key === undefined || this.#activity.type === "closed") return false;
    const { endpoint, transport } = this.#wire;
    const target = { endpoint, overTls: transport === "tls", processId, key };
    const request = requestCancel(this.#config, target, limitMs);
    const all = Promise.all([this.#cancelling, request]).then(() => {
      if (this.#cancelling === all) this.#cancelling = undefined;
    });
    this.#cancelling = all;
    return request;
  }

  /**
   * Ends the session: cancels a running query, sends CopyDone if a stream is open, then Terminate, and closes. What was
   * pending fails with ConnectionError `closed`; listeners hear nothing. Resolves when the socket is closed, after
   * `limitMs` (default 1,000) at the latest. Any further call is harmless.
   */
  close(limitMs: number = GOODBYE_MS): Promise<void> {
    if (this.#activity.type !== "closed") {
      const reason = this.#wire.failure("closed", "receive", "The session was closed.");
      this.#gone = this.#sayGoodbye(limitMs);
      this.#abandon(reason);
    }
    return this.#gone ?? Promise.resolve();
  }

  /** What can come at any time is dealt with here; the rest depends on what goes on. */
  #hear(message: BackendMessage): void {
    switch (message.type) {
      case "parameterStatus":
        this.#greeting.parameters.set(message.name, message.value);
        this.#listeners.parameterChanged?.(message.name, message.value);
        return;
      case "notificationResponse":
        this.#listeners.notification?.(message);
        return;
      case "noticeResponse":
        this.#listeners.notice?.(message.report);
        break;
      case "errorResponse":
        if (message.report.severity === "FATAL" || message.report.severity === "PANIC") {
          this.#fail(new PostgresError(message.report, { connectionId: this.connectionId }));
          return;
        }
        break;
      case "unknown":
        this.#fail(
          this.#wire.failure("protocol", "receive", `The server sent a message of type byte ${message.typeByte}.`),
        );
        return;
      default:
    }
    this.#take(message);
  }

  #take(message: BackendMessage): void {
    const activity = this.#activity;
    switch (activity.type) {
      case "idle":
        this.#takeIdle(message);
        return;
      case "querying":
        this.#takeQuerying(activity, message);
        return;
      case "startingStream":
        this.#takeStarting(activity, message);
        return;
      case "streaming":
        this.#takeStreaming(activity, message);
        return;
      case "closed":
        return;
    }
  }

  #takeIdle(message: BackendMessage): void {
    if (message.type === "noticeResponse") return;
    if (message.type === "errorResponse") {
      this.#fail(new PostgresError(message.report, { connectionId: this.connectionId }));
      return;
    }
    this.#fail(
      this.#wire.failure("protocol", "receive", `The server sent ${message.type}, and was asked for nothing.`),
    );
  }

  #takeQuerying(activity: Activity & { type: "querying" }, message: BackendMessage): void {
    switch (message.type) {
      case "copyOutResponse":
        activity.misuse ??= new ProtocolMisuse("copy_in_query", "The query copies data out.");
        void this.cancel();
        return;
      case "copyBothResponse":
        activity.misuse ??= new ProtocolMisuse("copy_in_query", "The query starts replication.");
        this.#wire.write(encodeCopyDone());
        return;
      case "copyInResponse":
        activity.misuse ??= this.#refuseCopyIn();
        return;
      default:
    }
    const collected = activity.collector.take(message);
    if (collected.type === "more") return;
    this.#activity = idle;
    const failure = activity.misuse ?? collected.error;
    if (failure === undefined) activity.settle.resolve(collected.results);
    else activity.settle.reject(failure);
  }

  #takeStarting(activity: Activity & { type: "startingStream" }, message: BackendMessage): void {
    const { collector, settle, sink, flow } = activity;
    switch (message.type) {
      case "copyOutResponse":
      case "copyBothResponse": {
        const copy = message.type === "copyBothResponse" ? "both" : "out";
        this.#activity = { type: "streaming", collector, sink, copy, doneSent: false };
        this.#wire.startData(sink, flow, copy);
        const start = { copy, connectionId: this.connectionId } as const;
        settle.resolve(start);
        sink.started?.(start);
        return;
      }
      case "copyInResponse":
        activity.misuse ??= this.#refuseCopyIn();
        return;
      default:
    }
    const collected = collector.take(message);
    if (collected.type === "more") return;
    this.#activity = idle;
    const command = collected.results[0]?.command ?? "";
    const misuse = new ProtocolMisuse("not_a_stream", `The statement (${command || "empty"}) does not stream.`);
    settle.reject(activity.misuse ?? collected.error ?? misuse);
  }

  #takeStreaming(activity: Activity & { type: "streaming" }, message: BackendMessage): void {
    switch (message.type) {
      case "copyDone":
        this.#sendDone(activity);
        return;
      case "copyInResponse":
        this.#refuseCopyIn();
        return;
      default:
    }
    const collected = activity.collector.take(message);
    if (collected.type === "more") return;
    this.#activity = idle;
    this.#wire.endData();
    const { error, results } = collected;
    activity.sink.ended(error === undefined ? { type: "done", results } : { type: "failed", error });
  }

  /** Sends a statement, unless something else goes on, and sets its limit. */
  #begin<Value>(
    sql: string,
    timeoutMs: number | undefined,
    activity: (settle: Settle<Value>) => Activity,
  ): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      if (this.reason !== undefined) return reject(this.reason);
      if (this.state !== "idle") throw new ProtocolMisuse("session_busy", `The session is busy (${this.state}).`);
      const bytes = encodeQuery(sql);
      const limitMs = duration(timeoutMs, "timeoutMs") ?? Number.POSITIVE_INFINITY;
      const stopTimer = after(limitMs, () => this.#timeOut(limitMs));
      const begun = activity({
        resolve: (value) => {
          stopTimer();
          resolve(value);
        },
        reject: (reason) => {
          stopTimer();
          reject(reason);
        },
      });
      this.#activity = begun;
      if (this.#cancelling === undefined) this.#wire.write(bytes);
      else {
        void this.#cancelling.then(() => {
          if (this.#activity === begun) this.#wire.write(bytes);
        });
      }
    });
  }

  /** Whoever waits is told at once; the server is told in the background. */
  #timeOut(limitMs: number): void {
    if (this.#activity.type === "closed") return;
    const cancelled = this.cancel();
    this.#fail(deadlineError(this.#activity.type, limitMs), async () => {
      await cancelled;
      this.#wire.write(encodeTerminate());
      await this.#wire.end(GOODBYE_MS);
    });
  }

  async #sayGoodbye(limitMs: number): Promise<void> {
    const activity = this.#activity;
    const runs = activity.type === "querying" || activity.type === "startingStream";
    const copies = activity.type === "streaming" && activity.copy === "out";
    // Nobody waits for the request beyond the limit, but it is not given up: the query would run on, and hold its slot.
    if (runs || copies) void this.cancel(limitMs === 0 ? 0 : GOODBYE_MS);
    if (activity.type === "streaming") this.#sendDone(activity);
    this.#wire.write(encodeTerminate());
    await this.#wire.end(limitMs);
  }

  /** The session is over: `finish` closes the wire (default: at once). */
  #fail(reason: Error, finish?: () => Promise<void>): void {
    if (this.#activity.type === "closed") return;
    this.#gone = finish === undefined ? this.#cut(reason) : finish();
    this.#abandon(reason);
    this.#listeners.closed?.(reason);
  }

  async #cut(reason: Error): Promise<void> {
    this.#wire.handOver({ message: () => {}, closed: () => {} });
    this.#wire.destroy(reason);
    await this.#wire.end(GOODBYE_MS);
  }

  /** Tells whoever waits that nothing will come. */
  #abandon(reason: Error): void {
    const activity = this.#activity;
    this.#activity = { type: "closed", reason };
    switch (activity.type) {
      case "idle":
      case "closed":
        return;
      case "querying":
      case "startingStream":
        activity.settle.reject(reason);
        return;
      case "streaming":
        activity.sink.ended({ type: "lost", reason });
    }
  }

  #sendDone(activity: Activity & { type: "streaming" }): void {
    if (activity.copy !== "both" || activity.doneSent) return;
    activity.doneSent = true;
    this.#wire.write(encodeCopyDone());
  }

  #refuseCopyIn(): ProtocolMisuse {
    this.#wire.write(encodeCopyFail("this client does not copy in"));
    return new ProtocolMisuse("copy_in_unsupported", "The statement copies data in.");
  }
}
