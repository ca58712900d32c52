import type { Clock, Logger } from "@trunkline/process";
import { PostgresError, type ServerReport } from "@trunkline/protocol";
import type { ResultOrError } from "../callbacks.ts";
import { openSession } from "../connection/open-session.ts";
import type { Session } from "../connection/session.ts";
import type { StreamEnd, StreamOptions } from "../connection/stream-sink.ts";
import type { QueryOptions, Reason } from "../instruction.ts";
import type { TransportEvent } from "../machine/events.ts";
import type { TransportCommand } from "../machine/transport-command.ts";
import type { ReplicationConfig } from "../options/parse-replication-options.ts";
import type { Secret } from "../options/secret.ts";
import { ReplicationError } from "../replication-error.ts";
import type { Telemetry } from "../telemetry.ts";
import { goodbyeLimitMs } from "./goodbye.ts";
import { StreamReader } from "./stream-reader.ts";
import type { StreamVitals } from "./stream-vitals.ts";
import { walSenderTimeoutMs } from "./wal-sender-timeout.ts";

/** For whom a transport works: the mailbox. All calls are synchronous, but for `begin`. */
export interface TransportUser {
  /** Before the first attempt. `false`: there is nothing to connect for. Never rejects. */
  begin(): Promise<boolean>;
  connected(): void;
  result(result: ResultOrError): void;
  streamStarted(): void;
  data(payload: Uint8Array): void;
  /** The same as a range of a slab, instead of `data`; `undefined` where no callback takes it. */
  readonly bytes: ((slab: Uint8Array, from: number, to: number) => void) | undefined;
  /** At most `maxMessages` payloads have come since the last turn. */
  turn(): void;
  done(): void;
  /** `asked`: a callback gave the session up. `handled` is to be called when the user knows. */
  lost(reason: Reason, asked: boolean, handled: () => void): void;
  /** The process ends: nothing more is to run. */
  halt(): void;
}

/** What a transport works with. */
export interface TransportTools {
  readonly config: ReplicationConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** Reports to the machine. */
  readonly tell: (event: TransportEvent) => void;
}

/**
 * One process's way to the server: carries out what the machine commands, one session at a time, and reports. It knows
 * no user code, and decides nothing.
 */
export class Transport {
  readonly #user: TransportUser;
  readonly #tools: TransportTools;
  readonly #totals = { messages: 0, bytes: 0 };
  #attempt: AbortController | undefined;
  #session: Session | undefined;
  #reader: StreamReader | undefined;
  #stopping = false;
  #handled: (() => void) | undefined;

  constructor(user: TransportUser, tools: TransportTools) {
    this.#user = user;
    this.#tools = tools;
  }

  /** How its streams do. */
  get vitals(): StreamVitals {
    return { ...this.#totals, liveness: this.#reader?.liveness };
  }

  /** Carries out a command of the machine. Never throws. */
  receive(command: TransportCommand): void {
    switch (command.type) {
      case "connect":
        void this.#connect(command.attempt);
        return;
      case "query":
        void this.#query(command.sql, command.options);
        return;
      case "stream":
        void this.#stream(command.sql, command.options);
        return;
      case "stopStream":
        this.#stopping = true;
        this.#session?.stopStream();
        return;
      case "disconnect":
        this.#disconnect(command.reason);
        return;
      case "shutdown":
        this.#shutdown();
        return;
    }
  }

  /** Sends CopyData messages, in one write. */
  write(messages: readonly Uint8Array[]): void {
    if (this.#reader === undefined) this.#session?.send(messages);
    else this.#reader.acknowledge(messages);
  }

  hold(): void {
    this.#session?.hold();
  }

  release(): void {
    this.#session?.release();
  }

  /** The process is gone: whatever is open is cut off. */
  dispose(): void {
    this.#user.halt();
    this.#reader?.stop();
    this.#attempt?.abort(aborted());
    void this.#session?.close(0);
  }

  async #connect(number: number): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    const { config, telemetry, tell, clock, log } = this.#tools;
    if (number === 1 && !(await this.#user.begin())) return;
    if (attempt.signal.aborted) return;
    const startedAt = clock.now();
    telemetry.publish("connectStart", () => ({ attempt: number }));
    try {
      const connection = await config.connectionFor({ attempt: number });
      let opened = false;
      let ended: Error | undefined;
      const session = await openSession(connection, {
        signal: attempt.signal,
        listeners: {
          closed: (reason) => {
            ended = reason;
            this.#lost(attempt, reason);
          },
          notice: (report) => this.#noticed(report),
        },
        onPhase: (phase) => {
          if (phase === "authenticating" && !opened && !attempt.signal.aborted) {
            opened = true;
            tell({ type: "transport.socketOpened" });
          }
        },
      });
      if (attempt.signal.aborted) {
        void session.close(0);
        return;
      }
      if (ended !== undefined) throw ended;
      this.#session = session;
      const { connectionId } = session;
      telemetry.publish("connected", () => ({ attempt: number, connectionId, durationMs: clock.now() - startedAt }));
      tell({ type: "transport.connected" });
      this.#user.connected();
    } catch (cause) {
      if (attempt.signal.aborted) return;
      const error = cause instanceof Error ? cause : new Error("The attempt to connect failed.", { cause });
      telemetry.publish("connectFailed", () => ({ attempt: number, error, durationMs: clock.now() - startedAt }));
      log.error({ attempt: number, err: error }, "Failed to connect to Postgres");
      tell({ type: "transport.connectFailed", reason: error });
    }
  }

  async #query(sql: Secret<string>, options: QueryOptions): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    const { telemetry, clock } = this.#tools;
    const startedAt = clock.now();
    const cancel = (): void => void session.cancel();
    options.signal?.addEventListener("abort", cancel, { once: true });
    let result: ResultOrError;
    try {
      const running = session.query(sql.reveal(), { timeoutMs: options.timeoutMs });
      if (options.signal?.aborted === true) cancel();
      result = await running;
    } catch (error) {
      // The session is lost: its own report has said so, and the answer will not come.
      if (session.state === "closed") return;
      result = error as Exclude<ResultOrError, readonly unknown[]>;
    } finally {
      options.signal?.removeEventListener("abort", cancel);
    }
    if (session !== this.#session || session.state === "closed") return;
    telemetry.publish("query", () => ({
      command: firstWord(sql),
      durationMs: clock.now() - startedAt,
      failed: result instanceof Error,
    }));
    this.#tools.tell({ type: "transport.queryFinished" });
    this.#user.result(result);
  }

  async #stream(sql: Secret<string>, options: StreamOptions): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    this.#stopping = false;
    try {
      const walSenderTimeout = await this.#walSenderTimeout(session, sql);
      if (session !== this.#session) return;
      this.#reader = this.#makeReader(session, walSenderTimeout);
      await session.stream(sql.reveal(), this.#reader, options);
    } catch (error) {
      if (session !== this.#session || session.state === "closed") return;
      this.#reader = undefined;
      this.#tools.tell({ type: "transport.streamRefused" });
      this.#user.result(error as Exclude<ResultOrError, readonly unknown[]>);
    }
  }

  async #walSenderTimeout(session: Session, sql: Secret<string>): Promise<number | undefined> {
    const asks = this.#tools.config.statusUpdates && firstWord(sql) === "START_REPLICATION";
    return asks ? walSenderTimeoutMs(session) : undefined;
  }

  #makeReader(session: Session, walSenderTimeout: number | undefined): StreamReader {
    const { config, clock, telemetry, tell } = this.#tools;
    const user = this.#user;
    const pipe = {
      get bytesRead() {
        return session.bytesRead;
      },
      get deaf() {
        return session.paused || session.held;
      },
      send: (payloads: readonly Uint8Array[]) => session.send(payloads),
    };
    return new StreamReader(
      pipe,
      {
        started: () => {
          tell({ type: "transport.streamStarted" });
          user.streamStarted();
        },
        data: (payload) => user.data(payload),
        bytes: user.bytes,
        turn: () => user.turn(),
        firstData: () => tell({ type: "transport.firstData" }),
        ended: (end) => this.#streamEnded(end),
        gone: (silentMs) => {
          const what = `The server has been silent for ${Math.round(silentMs)} ms, also when it was asked.`;
          tell({ type: "transport.lost", reason: new ReplicationError("liveness_timeout", what) });
        },
      },
      {
        statusUpdates: config.statusUpdates,
        livenessTimeoutMs: config.livenessTimeoutMs,
        walSenderTimeoutMs: walSenderTimeout,
        clock,
        telemetry,
        totals: this.#totals,
      },
    );
  }

  #streamEnded(end: StreamEnd): void {
    const stopped = this.#stopping;
    this.#stopping = false;
    this.#reader = undefined;
    // A COPY that was asked to stop ends as cancelled.
    const done = end.type === "done" || (end.type === "failed" && stopped && end.error.code === "57014");
    if (end.type === "lost") return;
    this.#tools.tell({ type: "transport.streamEnded" });
    if (done) this.#user.done();
    else if (end.type === "failed") this.#user.result(end.error);
  }

  /** What follows such a notice must not be handed out: it would be taken for all that there is. */
  #noticed(report: ServerReport): void {
    const session = this.#session;
    if (session === undefined || this.#reader === undefined) return;
    if (!this.#tools.config.fatalNotices.includes(report.code)) return;
    session.hold();
    this.#tools.tell({
      type: "transport.lost",
      reason: new PostgresError(report, { connectionId: session.connectionId }),
    });
  }

  #lost(attempt: AbortController, reason: Error): void {
    const current = this.#session !== undefined && attempt === this.#attempt;
    if (current) this.#tools.tell({ type: "transport.lost", reason });
  }

  /** R90: the goodbye goes on while `handleDisconnect` runs; both are awaited. */
  #disconnect(reason: Reason): void {
    const { telemetry, log, config } = this.#tools;
    telemetry.publish("disconnected", () => ({ reason }));
    if (config.autoReconnect) log.error({ err: reason }, "The connection is lost and will be made again");
    const asked = this.#session === undefined || this.#session.state !== "closed";
    const gone = this.#close();
    const handled = new Promise<void>((resolve) => {
      this.#handled = resolve;
    });
    this.#user.lost(reason, asked, () => this.#handled?.());
    void this.#closed(gone, handled);
  }

  /** R91, R92 */
  #shutdown(): void {
    this.#user.halt();
    if (this.#handled !== undefined) {
      // A disconnect is under way: its handler is waited for no longer.
      this.#handled();
      return;
    }
    this.#reader?.repeat();
    void this.#closed(this.#close(), Promise.resolve());
  }

  async #closed(...ends: readonly Promise<void>[]): Promise<void> {
    await Promise.all(ends);
    this.#handled = undefined;
    this.#tools.tell({ type: "transport.closed" });
  }

  async #close(): Promise<void> {
    this.#attempt?.abort(aborted());
    this.#attempt = undefined;
    const session = this.#session;
    this.#session = undefined;
    this.#reader?.stop();
    this.#reader = undefined;
    if (session !== undefined) await session.close(goodbyeLimitMs(session.state));
  }
}

const aborted = (): ReplicationError => new ReplicationError("aborted", "The attempt to connect was given up.");

const firstWord = (sql: Secret<string>): string => /^\s*(\w+)/.exec(sql.reveal())?.[1]?.toUpperCase() ?? "";
