import {
  call,
  type ExitReason,
  info,
  isRunning,
  type Runtime,
  runtimeOf,
  stop as stopProcess,
} from "@trunkline/process";
import { type Lsn, laterLsn } from "@trunkline/protocol";
import type { ConnectionRef } from "@trunkline/replication";
import type { AnyActorRef } from "xstate";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { SubscriptionConfig } from "../options.ts";
import { firstValue, pinned, withSql } from "../session/sql-session.ts";
import { createPublications } from "../setup/create-publications.ts";
import { type SystemIdentity, slotRowSql } from "../slot/slot-facts.ts";
import { takeSnapshot } from "../snapshot/snapshot.ts";
import { Acknowledger } from "./acknowledger.ts";
import { causeOfStart } from "./cause-of-start.ts";
import type { Standing } from "./connection-facts.ts";
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
import { SelfView } from "./self-view.ts";
import { refusesConnections, ShutdownWatch } from "./shutdown-watch.ts";
import { startDispatcher } from "./start-dispatcher.ts";
import type { Drained, Stats } from "./subscription-calls.ts";
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
  readonly #view: SelfView;
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
  #shutdownWatch: ShutdownWatch | undefined;
  #prepared = false;
  #commitsBefore: Lsn | undefined;
  #reached = false;

  constructor(config: SubscriptionConfig) {
    this.#config = config;
    this.#telemetry = new SubscriptionTelemetry(config.source.slot);
    this.#view = new SelfView({
      config,
      telemetry: this.#telemetry,
      intake: () => this.#intake,
      session: () => this.#session,
      position: () => this.#position(),
    });
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
    if (this.#self === undefined) {
      this.#self = self;
      this.#runtime = runtimeOf(self);
      this.#view.begin(self, standing);
    }
    const { source, checkpoint, create, snapshot } = this.#config;
    this.#checkpoint = await checkpoint?.load();
    if (create) await withSql(source.connection, (session) => createPublications(session, source));
    const copies = snapshot !== undefined && this.#checkpoint === undefined && (await this.#slotIsAbsent());
    this.#prepared = !copies;
    this.#view.sample();
    return copies ? "copy" : "stream";
  }

  /**
   * Copies the tables, and leaves the slot that streams from there: it exists only when the copy is complete. `signal`
   * gives up: nothing is left, and no row is handed out any more.
   */
  async copy(signal: AbortSignal): Promise<void> {
    const { source, publicationNames, snapshot, failover } = this.#config;
    this.#view.copies();
    try {
      await takeSnapshot({
        connection: source.connection,
        slot: this.slot,
        publications: publicationNames,
        failover,
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
    if (this.#view.samplerExited(from)) return undefined;
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
    this.#view.pause();
    this.#intake?.pause();
  }

  resume(): void {
    this.#view.resume();
    this.#intake?.resume();
  }

  /** Where everything stands. */
  stats(standing: Standing): Stats {
    return this.#view.stats(standing);
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
    this.#shutdownWatch?.stop();
  }

  /** Confirms what is durable, takes leave of the server, and says what was done. */
  async close(drained: boolean): Promise<Drained> {
    this.abandon();
    this.#view.closes();
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
    const { ownership, create, temporary, failover } = this.#config;
    const judged = judgeFound(found, {
      slot: this.slot,
      publications: this.publications,
      ownership,
      ownedBefore: this.#intake !== undefined,
      create: create && position === undefined,
      temporary,
      failover,
      position,
    });
    this.#view.found(found, position);
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

  streaming(): void {
    this.#reached = true;
    this.#telemetry.publish("streaming", () => ({ from: this.#intake?.ledger.durable }));
    this.#tell({ type: "session.streaming" });
  }

  serverStops(): void {
    this.#tell({ type: "server.stopping" });
  }

  reports(): boolean {
    return this.#acknowledger?.rides() === true;
  }

  heldBack(): void {
    const clock = this.#runtime?.clock;
    if (clock === undefined) return;
    this.#shutdownWatch ??= new ShutdownWatch({
      clock,
      everyMs: Math.max(1000, this.#config.serverShutdownGraceMs),
      held: () => this.#intake?.full === true,
      ask: () => refusesConnections(this.#config.source.connection),
      stopping: () => this.serverStops(),
    });
    this.#shutdownWatch.heldBack();
  }

  #resumeAt(confirmed: Lsn, system: SystemIdentity): Intake {
    this.#system = system;
    if (this.#intake === undefined) {
      const durable = this.#checkpoint === undefined ? confirmed : laterLsn(confirmed, this.#checkpoint.lsn);
      this.#intake = new Intake(durable, this.#config.buffer, {
        room: () => this.#toSession({ type: "resume" }),
        durable: (by) => this.#acknowledger?.moved(by),
      });
      if (this.#view.paused) this.#intake.pause();
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
      watch: this.#view.handler,
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
    this.#shutdownWatch?.stop();
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
