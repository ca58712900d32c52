import { runtimeOf, scopeOf, startLink } from "@trunkline/process";
import type { ConnectionOptions } from "@trunkline/replication";
import type { AnyActorRef } from "xstate";
import { healthSampler, slotSampler, type TakeSample } from "./health-sampler.ts";
import { type Asked, HealthWatch } from "./health-watch.ts";

/** What is sampled, and how. */
export interface HealthPlace {
  /** The subscription it belongs to. */
  readonly parent: AnyActorRef;
  readonly connection: ConnectionOptions;
  readonly slot: string;
  readonly intervalMs: number;
  /** What is known when a sample is asked for. */
  readonly asked: () => Asked;
  /** A sample has come, or could not be taken. */
  readonly told: () => void;
}

/**
 * The sampler of one subscription: a child with a session of its own, called `trunkline health <slot>` in
 * `pg_stat_activity`. Whatever becomes of it, the stream goes on, and it is started again.
 */
export class HealthChild {
  readonly watch = new HealthWatch();
  readonly #place: HealthPlace;
  readonly #take: TakeSample;
  #sampler: AnyActorRef | undefined;
  #asked: Asked | undefined;
  #nextMs: number;

  constructor(place: HealthPlace) {
    const { connection, slot, parent } = place;
    this.#place = place;
    const parameters = { ...connection.parameters, application_name: `trunkline health ${slot}` };
    this.#take = slotSampler({ ...connection, parameters }, slot);
    this.#nextMs = runtimeOf(parent).clock.now();
  }

  /** When the next sample is due, on the process' clock. */
  get nextMs(): number {
    return this.#nextMs;
  }

  get intervalMs(): number {
    return this.#place.intervalMs;
  }

  start(): void {
    const { parent, intervalMs, slot, asked } = this.#place;
    const take: TakeSample = (atMs, signal) => {
      this.#asked = asked();
      return this.#take(atMs, signal);
    };
    startLink({ logic: healthSampler, input: { take, intervalMs, slot } }, { parent, id: "health" }).then(
      (sampler) => this.#listen(sampler),
      (error: unknown) => this.#failed(error),
    );
  }

  /** An exit signal came. Answers whether it was the sampler's: then it is started again after an interval. */
  exited(from: AnyActorRef | undefined): boolean {
    if (from === undefined || from !== this.#sampler) return false;
    this.#sampler = undefined;
    const { parent, intervalMs } = this.#place;
    this.#failed(new Error("The sampler has ended."));
    scopeOf(parent).setTimeout(() => this.start(), intervalMs);
    return true;
  }

  #listen(sampler: AnyActorRef): void {
    this.#sampler = sampler;
    sampler.on("slot.sampled", ({ sample, health }) => {
      if (this.#asked !== undefined) this.watch.sample(sample, health, this.#asked);
      this.#told();
    });
    sampler.on("slot.unsampled", ({ error }) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.watch.failed(error);
    this.#told();
  }

  #told(): void {
    this.#nextMs = runtimeOf(this.#place.parent).clock.now() + this.#place.intervalMs;
    this.#place.told();
  }
}
