import {
  call,
  type ExitReason,
  info,
  isRunning,
  processInfo,
  type Runtime,
  runtimeOf,
  stop as stopProcess,
  sys,
} from "@trunkline/process";
import { type Lsn, laterLsn } from "@trunkline/protocol";
import {
  type ConnectionDescription,
  type ConnectionOptions,
  type ConnectionRef,
  describeConnection,
} from "@trunkline/replication";
import type { AnyActorRef } from "xstate";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { explain } from "../explain/explain.ts";
import type { ExplainFacts } from "../explain/facts.ts";
import { HealthChild } from "../health/health-child.ts";
import type { Looked } from "../health/health-watch.ts";
import type { SubscriptionConfig } from "../options.ts";
import type { LockHolder } from "../ownership/slot-lock.ts";
import { firstValue, pinned, withSql } from "../session/sql-session.ts";
import { createPublications } from "../setup/create-publications.ts";
import { type SystemIdentity, slotRowSql } from "../slot/slot-facts.ts";
import { judgeSlot } from "../slot/slot-verdict.ts";
import { takeSnapshot } from "../snapshot/snapshot.ts";
import { Acknowledger } from "./acknowledger.ts";
import { causeOfStart } from "./cause-of-start.ts";
import { connectionFacts, type Standing } from "./connection-facts.ts";
import { gatherFacts } from "./gather-facts.ts";
import { HandlerWatch } from "./handler-watch.ts";
import { Intake } from "./intake.ts";
import { judgeFound } from "./judge-found.ts";
import {
  type Decision,
  type Found,
  ReplicationSession,
  type SessionCalls,
  type SessionInfo,
  type SessionOwner,
} from "./replication-session.ts";
import { startDispatcher } from "./start-dispatcher.ts";
import type { Drained, Stats } from "./subscription-calls.ts";
import { SubscriptionMetadata } from "./subscription-metadata.ts";
import { SubscriptionTelemetry } from "./telemetry.ts";

/** What the data plane tells the machine. */
export type EngineEvent =
  | { readonly type: "session.streaming" }
  | { readonly type: "session.standingBy" }
  | { readonly type: "session.ended"; readonly reason: ExitReason }
  | { readonly type: "server.stopping" }
  | { readonly type: "dispatcher.ended"; readonly reason: ExitReason };

/** How long a session may take for its goodbye, in milliseconds. */
const goodbyeMs = 3000;

/**
 * The data plane of one subscription: owns the intake, which outlives connections, and starts the processes on both
 * sides of it. It decides nothing about modes; the machine does.
 */
export class Engine implements SessionOwner {
  readonly #config: SubscriptionConfig;
  readonly #telemetry: SubscriptionTelemetry;
  readonly #watch: HandlerWatch;
  readonly #described: Pick<ConnectionDescription, "servers" | "user">;
  readonly #ended = new AbortController();
  #self: AnyActorRef | undefined;
  #runtime: Runtime | undefined;
  #intake: Intake | undefined;
  #system: SystemIdentity | undefined;
  #checkpoint: Checkpoint | undefined;
  #session: ConnectionRef<SessionCalls, SessionInfo> | undefined;
  #opening = 0;
  #dispatcher: AnyActorRef | undefined;
  #dispatching = false;
  #acknowledger: Acknowledger | undefined;
  #prepared = false;
  #pausedMs: number | undefined;
  #commitsBefore: Lsn | undefined;
  #health: HealthChild | undefined;
  #looked: Looked | undefined;
  #holder: LockHolder | undefined;
  #ownPid: number | undefined;
  #reached = false;
  #suspendedMs: number | undefined;
  #copyingSinceMs: number | undefined;
  #closedMs: number | undefined;

  constructor(config: SubscriptionConfig) {
    this.#config = config;
    this.#watch = new HandlerWatch(config.failure.rule.retries + 1);
    this.#described = described(config.source.connection);
    this.#telemetry = new SubscriptionTelemetry(config.source.slot);
  }

  get slot(): string {
    return this.#config.source.slot;
  }
  get publications(): readonly string[] {
    return this.#config.publicationNames;
  }
  get messages(): boolean {
    return this.#config.messages;
  }
  get protocolVersion(): 1 | 2 {
    return this.#config.protocolVersion;
  }
  get origin(): "any" | "none" | undefined {
    return this.#config.source.origin;
  }
  get types(): SessionOwner["types"] {
    return this.#config.source.types;
  }
  get timeline(): number | undefined {
    return this.#position()?.timeline;
  }
  get telemetry(): SubscriptionTelemetry {
    return this.#telemetry;
  }
  get intake(): Intake | undefined {
    return this.#intake;
  }
  /** Whether {@link Engine.prepare} is through. */
  get prepared(): boolean {
    return this.#prepared;
  }
  /** Whether the last session brought the durable or received position forward: then its loss is no failure to start. */
  get progressed(): boolean {
    return this.#intake !== undefined && this.#intake.ledger.received !== this.#commitsBefore;
  }

  /** Whether the last session came as far as its stream, or stood by. */
  get reached(): boolean {
    return this.#reached;
  }

  /** Before the first connection: the checkpoint, what is missing, the publications. Answers whether to copy first. */
  async prepare(self: AnyActorRef, standing: () => Standing): Promise<"copy" | "stream"> {
    if (this.#self === undefined) this.#begin(self, standing);
    const { source, checkpoint, create, snapshot } = this.#config;
    this.#checkpoint = await checkpoint?.load();
    if (create) await withSql(source.connection, (session) => createPublications(session, source));
    const copies = snapshot !== undefined && this.#checkpoint === undefined && (await this.#slotIsAbsent());
    this.#prepared = !copies;
    this.#health?.start();
    return copies ? "copy" : "stream";
  }

  #begin(self: AnyActorRef, standing: () => Standing): void {
    this.#self = self;
    this.#runtime = runtimeOf(self);
    const metadata = new SubscriptionMetadata();
    sys.provide(self, {
      metadata: () => metadata.of({ facts: this.facts(standing()), intake: this.#intake, session: this.#session }),
    });
    const { health } = this.#config;
    if (health === undefined) return;
    const { source } = this.#config;
    this.#health = new HealthChild({
      parent: self,
      connection: health.connection ?? source.connection,
      slot: this.slot,
      intervalMs: health.intervalMs,
      asked: () => {
        const { durable, acked } = this.#intake?.ledger ?? {};
        return { position: this.#position(), durable, acked, ownPid: this.#ownPid };
      },
      told: () => this.#telemetry.publish("health", () => ({ answer: explain(this.facts(standing())) })),
    });
  }

  /** What is known now of why the slot is or is not advancing. */
  facts(standing: Standing): ExplainFacts {
    const nowMs = this.#now();
    const self = this.#self;
    if (self === undefined) throw new Error("Unreachable: asked for facts before preparing");
    this.#suspendedMs = isSuspended(self, this.#session) ? (this.#suspendedMs ?? nowMs) : undefined;
    const sources = {
      self,
      nowMs,
      session: this.#session,
      holder: this.#holder,
      copyingSinceMs: this.#copyingSinceMs,
      closedMs: this.#closedMs,
    };
    return gatherFacts({
      nowMs,
      id: self.id,
      config: this.#config,
      described: this.#described,
      connection: connectionFacts(standing, sources),
      suspendedMs: this.#suspendedMs,
      pausedMs: this.#pausedMs,
      intake: this.#intake,
      watch: this.#watch,
      health: this.#health,
      looked: this.#looked,
    });
  }

  #now(): number {
    return this.#runtime?.clock.now() ?? 0;
  }

  /**
   * Copies the tables, and leaves the slot that streams from there: it exists only when the copy is complete. `signal`
   * gives up: nothing is left, and no row is handed out any more.
   */
  async copy(signal: AbortSignal): Promise<void> {
    const { source, publicationNames, snapshot } = this.#config;
    this.#copyingSinceMs = this.#now();
    try {
      await takeSnapshot({
        connection: source.connection,
        slot: this.slot,
        publications: publicationNames,
        signal,
        ...(this.types === undefined ? {} : { types: this.types }),
        onRows: () => {},
        ...snapshot,
      });
    } catch (error) {
      // Another instance was faster: its slot is there, and its copy complete.
      if (!(error instanceof Error && "code" in error && error.code === "42710")) throw error;
    }
    this.#prepared = true;
  }

  async #slotIsAbsent(): Promise<boolean> {
    const row = await withSql(this.#config.source.connection, (session) => firstValue(session, slotRowSql(this.slot)));
    return row === undefined;
  }

  /** Starts a session. How it fares comes as events. */
  open(): void {
    const { connection } = this.#config.source;
    this.#reached = false;
    const number = ++this.#opening;
    this.#commitsBefore = this.#intake?.ledger.received;
    const options = {
      ...pinned(connection),
      parent: this.#self,
      id: "session",
      syncConnect: false,
      // PostgreSQL 18 skips what a missing publication would have sent, and says so by a notice only (W93).
      fatalNotices: ["55000"],
    };
    // In a later microtask: XState warns of a machine that is started within another's action.
    const started = Promise.resolve().then(() => ReplicationSession.startLink(this, options));
    started.then(
      (session) => {
        if (number === this.#opening && session !== undefined && isRunning(session)) this.#session = session;
      },
      (error: unknown) => {
        if (number === this.#opening)
          this.#tell({ type: "session.ended", reason: { type: "error", error: causeOfStart(error) } });
      },
    );
  }

  /** An exit signal came: says what it means. A session that was given up means nothing any more. */
  exited(from: AnyActorRef | undefined, reason: ExitReason): EngineEvent | undefined {
    if (from !== undefined && from === this.#dispatcher) return { type: "dispatcher.ended", reason };
    if (this.#health?.exited(from) === true) return undefined;
    if (this.#session !== undefined && from !== this.#session) return undefined;
    this.#closed();
    return { type: "session.ended", reason };
  }

  /** Asks a session that stands by to look again. */
  look(): void {
    this.#toSession({ type: "look" });
  }

  /** Ends the session with an error that decides what follows. */
  endSession(error: Error): void {
    this.#toSession({ type: "end", error });
  }

  pause(): void {
    this.#pausedMs ??= this.#now();
    this.#intake?.pause();
  }

  resume(): void {
    this.#pausedMs = undefined;
    this.#intake?.resume();
  }

  /** Where everything stands. */
  stats(standing: Standing): Stats {
    const { state, last } = standing;
    const ledger = this.#intake?.ledger;
    return {
      state,
      paused: this.#pausedMs !== undefined,
      received: ledger?.received,
      dispatched: ledger?.dispatched,
      durable: ledger?.durable,
      acked: ledger?.acked,
      unfinished: this.#intake?.unfinished ?? 0,
      buffered: this.#intake?.buffered ?? { changes: 0, bytes: 0 },
      handled: this.#watch.handled,
      failures: this.#watch.failures,
      lastError: last === undefined ? undefined : { error: last.error, ...last.classified },
      answer: explain(this.facts(standing)),
    };
  }

  /** Hands out nothing any more: the dispatcher ends when the handler is through with what it has in hand. */
  stopDispatching(): void {
    this.#intake?.stop();
  }

  get dispatching(): boolean {
    return this.#dispatching;
  }

  /**
   * The process ends, in whatever way: nothing is handed out for it any more, though a handler may still be busy. Who
   * comes after it gets the same transactions, and must not be overtaken.
   */
  abandon(): void {
    this.#ended.abort();
    this.#intake?.stop();
    this.#acknowledger?.stop();
  }

  /** Confirms what is durable, takes leave of the server, and says what was done. */
  async close(drained: boolean): Promise<Drained> {
    this.abandon();
    this.#closedMs = this.#now();
    this.#opening += 1;
    const session = this.#session;
    const abandoned = this.#intake?.unfinished ?? 0; // before the session's end forgets them
    if (session !== undefined && isRunning(session)) {
      await call(session, { type: "acknowledge" }, { timeoutMs: 1000 }).catch(() => false); // it may be ending by itself
      await stopProcess(session, "shutdown", { timeoutMs: goodbyeMs }).catch(() => {});
    }
    return { drained, abandoned, ackedTo: this.#intake?.ledger.acked };
  }

  // For a session

  judge(found: Found): Decision {
    const position = this.#position();
    const { ownership, create, temporary } = this.#config;
    const judged = judgeFound(found, {
      slot: this.slot,
      publications: this.publications,
      ownership,
      ownedBefore: this.#intake !== undefined,
      create: create && position === undefined,
      temporary,
      position,
    });
    this.#noteFound(found, position);
    switch (judged.type) {
      case "run":
      case "stop":
        return judged;
      case "standBy":
        this.#reached = true;
        this.#tell({ type: "session.standingBy" });
        return judged;
      case "resume": {
        const intake = this.#resumeAt(judged.confirmed, found.system);
        return { type: "stream", intake, from: intake.ledger.durable };
      }
    }
  }

  #noteFound(found: Found, position: Checkpoint | undefined): void {
    const { system, slot, history, ownPid, locked, holders } = found;
    this.#ownPid = ownPid;
    this.#holder = locked ? undefined : holders.lock;
    const verdict = judgeSlot({
      system,
      slot,
      checkpoint: position,
      ownPid,
      ...(history === undefined ? {} : { history }),
    });
    if (locked || verdict.type !== "inUse") this.#looked = { verdict, atMs: this.#now() };
  }

  streaming(): void {
    this.#reached = true;
    this.#telemetry.publish("streaming", () => ({ from: this.#intake?.ledger.durable }));
    this.#tell({ type: "session.streaming" });
  }

  serverStops(): void {
    this.#tell({ type: "server.stopping" });
  }

  #resumeAt(confirmed: Lsn, system: SystemIdentity): Intake {
    this.#system = system;
    if (this.#intake === undefined) {
      const durable = this.#checkpoint === undefined ? confirmed : laterLsn(confirmed, this.#checkpoint.lsn);
      this.#intake = new Intake(durable, this.#config.buffer, {
        room: () => this.#toSession({ type: "resume" }),
        durable: (by) => this.#acknowledger?.moved(by),
      });
      if (this.#pausedMs !== undefined) this.#intake.pause();
      if (this.#self !== undefined) this.#dispatch(this.#intake, this.#self);
    }
    const { durable } = this.#intake.ledger;
    // Somebody else has moved the slot past what we know to be stored: what lay between does not come any more.
    if (confirmed > durable) {
      this.#telemetry.publish("gap", () => ({ from: durable, to: confirmed }));
      this.#runtime?.logger.error(
        { slot: this.slot, from: durable, to: confirmed },
        "The slot was moved by somebody else",
      );
    }
    return this.#intake;
  }

  /** What is stored, as far as this process knows; `undefined` when it knows nothing yet. */
  #position(): Checkpoint | undefined {
    if (this.#intake === undefined || this.#system === undefined) return this.#checkpoint;
    return { ...this.#owner(), lsn: this.#intake.ledger.durable };
  }

  #owner = (): Omit<Checkpoint, "lsn"> => ({
    systemId: this.#system?.systemId ?? "",
    timeline: this.#system?.timeline ?? 0,
    slot: this.slot,
  });

  #dispatch(intake: Intake, self: AnyActorRef): void {
    this.#acknowledger = new Acknowledger(runtimeOf(self).clock, () => this.#toSession({ type: "acknowledge" }));
    this.#dispatching = true;
    startDispatcher({
      self,
      config: this.#config,
      intake,
      watch: this.#watch,
      telemetry: this.#telemetry,
      signal: this.#ended.signal,
      owner: this.#owner,
      endSession: (error) => this.endSession(error),
      over: () => {
        this.#dispatching = false;
      },
    }).then(
      (dispatcher) => {
        this.#dispatcher = dispatcher;
      },
      (error: unknown) => this.#tell({ type: "dispatcher.ended", reason: { type: "error", error } }),
    );
  }

  #closed(): void {
    this.#session = undefined;
    this.#intake?.disconnected();
  }

  #toSession(message: SessionInfo): void {
    const session = this.#session;
    if (session !== undefined && isRunning(session)) info(session, message);
  }

  #tell(event: EngineEvent): void {
    if (this.#self !== undefined && isRunning(this.#self)) this.#self.send(event);
  }
}

/** Options that can't be read are refused where they are used. */
function described(connection: ConnectionOptions): Pick<ConnectionDescription, "servers" | "user"> {
  try {
    return describeConnection(connection);
  } catch {
    return { servers: "the server", user: "the user" };
  }
}

/** Whether somebody holds the subscription or its session by `sys.suspend`. */
const isSuspended = (...processes: readonly (AnyActorRef | undefined)[]): boolean =>
  processes.some((process) => process !== undefined && processInfo(process).suspended);
