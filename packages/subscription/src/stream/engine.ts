import {
  call,
  type ExitReason,
  info,
  isRunning,
  type Runtime,
  runtimeOf,
  startLink,
  stop as stopProcess,
} from "@trunkline/process";
import { type Lsn, laterLsn } from "@trunkline/protocol";
import type { ConnectionRef } from "@trunkline/replication";
import { type AnyActorRef, fromPromise } from "xstate";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Classified } from "../errors/classify.ts";
import { SubscriptionError } from "../errors/subscription-error.ts";
import type { SubscriptionConfig } from "../options.ts";
import { afterFailure } from "../policy/failure-policy.ts";
import { firstValue, pinned, withSql } from "../session/sql-session.ts";
import { createPublications } from "../setup/create-publications.ts";
import { type SystemIdentity, slotRowSql } from "../slot/slot-facts.ts";
import { takeSnapshot } from "../snapshot/snapshot.ts";
import { causeOfStart } from "./cause-of-start.ts";
import { dispatchAll } from "./dispatcher.ts";
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
/** Acknowledgements of what keepalives allow are gathered for so long, in milliseconds. */
const idleAcknowledgeMs = 1000;

/**
 * The data plane of one subscription: owns the intake, which outlives connections, and starts the processes on both
 * sides of it. It decides nothing about modes; the machine does.
 */
export class Engine implements SessionOwner {
  readonly #config: SubscriptionConfig;
  readonly #telemetry: SubscriptionTelemetry;
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
  #ackPending = false;
  #ackTimer: unknown;
  #prepared = false;
  #paused = false;
  #handled = 0;
  #failures = 0;
  #commitsBefore: Lsn | undefined;

  constructor(config: SubscriptionConfig) {
    this.#config = config;
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

  /** Before the first connection: the checkpoint, what is missing, the publications. Answers whether to copy first. */
  async prepare(self: AnyActorRef): Promise<"copy" | "stream"> {
    this.#self = self;
    this.#runtime = runtimeOf(self);
    const { source, checkpoint, create, snapshot } = this.#config;
    this.#checkpoint = await checkpoint?.load();
    if (create) await withSql(source.connection, (session) => createPublications(session, source));
    const copies = snapshot !== undefined && this.#checkpoint === undefined && (await this.#slotIsAbsent());
    this.#prepared = !copies;
    return copies ? "copy" : "stream";
  }

  /** Copies the tables, and leaves the slot that streams from there: it exists only when the copy is complete. */
  async copy(): Promise<void> {
    const { source, publicationNames, snapshot } = this.#config;
    try {
      await takeSnapshot({
        connection: source.connection,
        slot: this.slot,
        publications: publicationNames,
        signal: this.#ended.signal,
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
    this.#paused = true;
    this.#intake?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#intake?.resume();
  }

  /** Where everything stands. */
  stats(state: string, last: { readonly error: unknown; readonly classified: Classified } | undefined): Stats {
    const ledger = this.#intake?.ledger;
    return {
      state,
      paused: this.#paused,
      received: ledger?.received,
      dispatched: ledger?.dispatched,
      durable: ledger?.durable,
      acked: ledger?.acked,
      unfinished: this.#intake?.unfinished ?? 0,
      buffered: this.#intake?.buffered ?? { changes: 0, bytes: 0 },
      handled: this.#handled,
      failures: this.#failures,
      lastError: last === undefined ? undefined : { error: last.error, ...last.classified },
    };
  }

  /** Hands out nothing any more: the dispatcher ends when the handler is through with what it has in hand. */
  stopDispatching(): void {
    this.#intake?.stop();
  }

  get dispatching(): boolean {
    return this.#dispatching;
  }

  /** Confirms what is durable, takes leave of the server, and says what was done. */
  async close(drained: boolean): Promise<Drained> {
    this.#ended.abort();
    this.#runtime?.clock.clearTimeout(this.#ackTimer);
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
    switch (judged.type) {
      case "run":
      case "stop":
        return judged;
      case "standBy":
        this.#tell({ type: "session.standingBy" });
        return judged;
      case "resume": {
        const intake = this.#resumeAt(judged.confirmed, found.system);
        return { type: "stream", intake, from: intake.ledger.durable };
      }
    }
  }

  streaming(): void {
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
        durable: (by) => this.#acknowledgeSoon(by),
      });
      if (this.#paused) this.#intake.pause();
      this.#dispatch(this.#intake);
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

  #dispatch(intake: Intake): void {
    const { onTransaction, onChange, onMessage, failure, checkpoint, savesCheckpoint } = this.#config;
    const runtime = this.#runtime;
    const self = this.#self;
    if (runtime === undefined || self === undefined) throw new Error("Unreachable: dispatching before preparing");
    const run = (): Promise<void> =>
      dispatchAll({
        intake,
        handlers: { onTransaction, onChange, onMessage },
        policy: {
          afterFailure: (failures) => afterFailure(failure.rule, failures, runtime.random()),
          park: failure.park,
        },
        clock: runtime.clock,
        signal: this.#ended.signal,
        owner: this.#owner,
        save: async (lsn) => {
          if (savesCheckpoint) await checkpoint?.save({ ...this.#owner(), lsn });
        },
        again: () =>
          this.endSession(
            new SubscriptionError("transaction_cut", "A transaction that is no longer held must come again."),
          ),
        handled: (work, attempts) => {
          this.#handled += 1;
          this.#telemetry.publish("handled", () => ({
            commitLsn: work.type === "message" ? work.end : work.held.head.commitLsn,
            attempts,
          }));
        },
        failed: (error, attempt, next) => {
          this.#failures += 1;
          this.#telemetry.publish("handlerFailed", () => ({ error, attempt, next }));
          runtime.logger.warn({ slot: this.slot, err: error, attempt, next }, "The handler of a transaction failed");
        },
      });
    this.#dispatching = true;
    const logic = fromPromise(async () => {
      await undefined; // the start is over: a failure is the end of a process that ran
      try {
        await run();
      } finally {
        this.#dispatching = false;
      }
    });
    startLink({ logic }, { parent: self, id: "dispatcher" }).then(
      (dispatcher) => {
        this.#dispatcher = dispatcher;
      },
      (error: unknown) => this.#tell({ type: "dispatcher.ended", reason: { type: "error", error } }),
    );
  }

  #acknowledgeSoon(by: "handler" | "keepalive"): void {
    if (by === "keepalive") {
      const clock = this.#runtime?.clock;
      this.#ackTimer ??= clock?.setTimeout(() => {
        this.#ackTimer = undefined;
        this.#toSession({ type: "acknowledge" });
      }, idleAcknowledgeMs);
      return;
    }
    if (this.#ackPending) return;
    this.#ackPending = true;
    this.#runtime?.clock.yieldToLoop(() => {
      this.#ackPending = false;
      this.#toSession({ type: "acknowledge" });
    });
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
