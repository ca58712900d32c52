import { processInfo, runtimeOf, sys } from "@trunkline/process";
import { type ConnectionDescription, type ConnectionOptions, describeConnection } from "@trunkline/replication";
import type { AnyActorRef } from "xstate";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { explain } from "../explain/explain.ts";
import type { ExplainFacts } from "../explain/facts.ts";
import { HealthChild } from "../health/health-child.ts";
import type { Looked } from "../health/health-watch.ts";
import type { SubscriptionConfig } from "../options.ts";
import type { LockHolder } from "../ownership/slot-lock.ts";
import { judgeSlot } from "../slot/slot-verdict.ts";
import { connectionFacts, type Standing } from "./connection-facts.ts";
import { gatherFacts } from "./gather-facts.ts";
import { HandlerWatch } from "./handler-watch.ts";
import type { Intake } from "./intake.ts";
import type { Found } from "./replication-session.ts";
import type { Stats } from "./subscription-calls.ts";
import { SubscriptionMetadata } from "./subscription-metadata.ts";
import type { SubscriptionTelemetry } from "./telemetry.ts";

/** What a view looks at whenever somebody asks. */
export interface ViewSources {
  readonly config: SubscriptionConfig;
  readonly telemetry: SubscriptionTelemetry;
  readonly intake: () => Intake | undefined;
  readonly session: () => AnyActorRef | undefined;
  /** What is stored, as far as this process knows. */
  readonly position: () => Checkpoint | undefined;
}

interface Own {
  readonly self: AnyActorRef;
  /** Where the machine stands. */
  readonly standing: () => Standing;
}

/**
 * What a subscription knows of itself: notes what happens once, samples the slot, and puts the facts together when
 * somebody asks. It decides nothing.
 */
export class SelfView {
  readonly handler: HandlerWatch;
  readonly #sources: ViewSources;
  readonly #described: Pick<ConnectionDescription, "servers" | "user">;
  #own: Own | undefined;
  #health: HealthChild | undefined;
  #looked: Looked | undefined;
  #holder: LockHolder | undefined;
  #ownPid: number | undefined;
  #pausedMs: number | undefined;
  #suspendedMs: number | undefined;
  #copyingSinceMs: number | undefined;
  #closedMs: number | undefined;

  constructor(sources: ViewSources) {
    const { failure, source } = sources.config;
    this.#sources = sources;
    this.handler = new HandlerWatch(failure.rule.retries + 1);
    this.#described = described(source.connection);
  }

  /** Whether it hands out nothing until it is resumed. */
  get paused(): boolean {
    return this.#pausedMs !== undefined;
  }

  /** The process runs: whoever looks at it sees what it knows. */
  begin(self: AnyActorRef, standing: () => Standing): void {
    this.#own = { self, standing };
    const metadata = new SubscriptionMetadata();
    const { intake, session } = this.#sources;
    sys.provide(self, {
      metadata: () => metadata.of({ facts: this.facts(standing()), intake: intake(), session: session() }),
    });
  }

  /** Samples the slot from now on, unless that was declined. */
  sample(): void {
    const { config, telemetry, intake, position } = this.#sources;
    const own = this.#own;
    if (config.health === undefined || this.#health !== undefined || own === undefined) return;
    this.#health = new HealthChild({
      parent: own.self,
      connection: config.health.connection ?? config.source.connection,
      slot: config.source.slot,
      intervalMs: config.health.intervalMs,
      asked: () => {
        const { durable, acked } = intake()?.ledger ?? {};
        return { position: position(), durable, acked, ownPid: this.#ownPid };
      },
      told: () => telemetry.publish("health", () => ({ answer: explain(this.facts(own.standing())) })),
    });
    this.#health.start();
  }

  /** Answers whether it was the sampler that has ended. */
  samplerExited(from: AnyActorRef | undefined): boolean {
    return this.#health?.exited(from) ?? false;
  }

  /** A session has looked at the slot. Who holds it is told by our lock first. */
  found({ system, slot, history, ownPid, locked, holders }: Found, checkpoint: Checkpoint | undefined): void {
    this.#ownPid = ownPid;
    this.#holder = locked ? undefined : holders.lock;
    const verdict = judgeSlot({ system, slot, checkpoint, ownPid, ...(history === undefined ? {} : { history }) });
    if (locked || verdict.type !== "inUse") this.#looked = { verdict, atMs: this.#now() };
  }

  pause(): void {
    this.#pausedMs ??= this.#now();
  }

  resume(): void {
    this.#pausedMs = undefined;
  }

  copies(): void {
    this.#copyingSinceMs = this.#now();
  }

  closes(): void {
    this.#closedMs = this.#now();
  }

  /** What is known now of why the slot is or is not advancing. */
  facts(standing: Standing): ExplainFacts {
    const { config, intake, session } = this.#sources;
    if (this.#own === undefined) throw new Error("Unreachable: asked for facts before it began");
    const { self } = this.#own;
    const nowMs = this.#now();
    this.#suspendedMs = isSuspended(self, session()) ? (this.#suspendedMs ?? nowMs) : undefined;
    const connection = connectionFacts(standing, {
      self,
      nowMs,
      session: session(),
      holder: this.#holder,
      copyingSinceMs: this.#copyingSinceMs,
      closedMs: this.#closedMs,
    });
    return gatherFacts({
      nowMs,
      id: self.id,
      config,
      described: this.#described,
      connection,
      suspendedMs: this.#suspendedMs,
      pausedMs: this.#pausedMs,
      intake: intake(),
      watch: this.handler,
      health: this.#health,
      looked: this.#looked,
    });
  }

  /** Where everything stands. */
  stats(standing: Standing): Stats {
    const { state, last } = standing;
    const intake = this.#sources.intake();
    return {
      state,
      paused: this.paused,
      received: intake?.ledger.received,
      dispatched: intake?.ledger.dispatched,
      durable: intake?.ledger.durable,
      acked: intake?.ledger.acked,
      unfinished: intake?.unfinished ?? 0,
      buffered: intake?.buffered ?? { changes: 0, bytes: 0 },
      handled: this.handler.handled,
      failures: this.handler.failures,
      lastError: last === undefined ? undefined : { error: last.error, ...last.classified },
      answer: explain(this.facts(standing)),
    };
  }

  #now(): number {
    return this.#own === undefined ? 0 : runtimeOf(this.#own.self).clock.now();
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

/** Whether somebody holds one of these by `sys.suspend`. */
const isSuspended = (...processes: readonly (AnyActorRef | undefined)[]): boolean =>
  processes.some((process) => process !== undefined && processInfo(process).suspended);
