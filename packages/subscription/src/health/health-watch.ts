import type { Lsn } from "@trunkline/protocol";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { SampledFacts } from "../explain/facts.ts";
import type { SystemIdentity } from "../slot/slot-facts.ts";
import { judgeSlot, type SlotVerdict } from "../slot/slot-verdict.ts";
import { type Flow, type FlowPoint, flowOf, withPoint } from "./flow.ts";
import { type HealthState, noHealth } from "./health-report.ts";
import type { SlotSample } from "./slot-sample.ts";

/** What this process knew when it asked for a sample: the server has moved on since then. */
export interface Asked {
  readonly position: Checkpoint | undefined;
  readonly durable: Lsn | undefined;
  readonly acked: Lsn | undefined;
  /** The backend of our own stream. */
  readonly ownPid: number | undefined;
}

/** A look at the slot. */
export interface Looked {
  readonly verdict: SlotVerdict;
  readonly atMs: number;
}

/** What is known of a slot from its samples; changed by its two methods only. */
export class HealthWatch {
  #sampled: SampledFacts | undefined;
  #looked: Looked | undefined;
  #health: HealthState = noHealth;
  #points: readonly FlowPoint[] = [];
  #maxSlotWalKeepBytes: bigint | undefined;
  #error: string | undefined;

  /** The last sample; `undefined` before the first. */
  get sampled(): SampledFacts | undefined {
    return this.#sampled;
  }
  /** What the last sample says of the slot. */
  get looked(): Looked | undefined {
    return this.#looked;
  }
  get health(): HealthState {
    return this.#health;
  }
  get flow(): Flow {
    return flowOf(this.#points);
  }
  get maxSlotWalKeepBytes(): bigint | undefined {
    return this.#maxSlotWalKeepBytes;
  }
  /** Why there was no answer to the last question; `undefined` when there was. */
  get error(): string | undefined {
    return this.#error;
  }

  /** A sample has come, and what was known when it was asked for. */
  sample(sample: SlotSample, health: HealthState, asked: Asked): void {
    const { atMs, walEnd, confirmedLsn, restartLsn } = sample.health;
    const { oldestTransaction } = sample;
    this.#error = undefined;
    this.#health = health;
    this.#maxSlotWalKeepBytes = sample.maxSlotWalKeepBytes;
    this.#looked = { verdict: verdictOf(sample, asked), atMs };
    this.#sampled = {
      atMs,
      walEnd,
      sent: sample.sent,
      confirmed: confirmedLsn,
      restart: restartLsn,
      restartStillSinceMs: health.restartStillSinceMs,
      unconfirmed: unconfirmed(this.#sampled?.unconfirmed, confirmedLsn, asked.acked, atMs),
      oldestTransaction:
        oldestTransaction === undefined
          ? undefined
          : { pid: oldestTransaction.pid, sinceMs: atMs - oldestTransaction.openMs },
    };
    if (asked.durable !== undefined) this.#points = withPoint(this.#points, { atMs, walEnd, durable: asked.durable });
  }

  /** The server could not be asked. What was known stays, and gets older. */
  failed(error: unknown): void {
    this.#error = error instanceof Error ? error.message : String(error);
  }
}

/** The timeline that SQL shows lags behind a promotion until the next checkpoint, so ours counts where it is later. */
function verdictOf({ row, system }: SlotSample, { position, ownPid }: Asked): SlotVerdict {
  const ours = position?.systemId === system.systemId ? position.timeline : 0;
  const identity: SystemIdentity = { ...system, timeline: Math.max(system.timeline, ours) };
  return judgeSlot({ system: identity, slot: row, checkpoint: position, ...(ownPid === undefined ? {} : { ownPid }) });
}

/** What was acknowledged when a sample was asked for, and is not confirmed by it: since when. */
function unconfirmed(
  before: SampledFacts["unconfirmed"],
  confirmed: Lsn | null,
  acked: Lsn | undefined,
  atMs: number,
): SampledFacts["unconfirmed"] {
  if (confirmed === null || acked === undefined || confirmed >= acked) return undefined;
  return before !== undefined && confirmed < before.acked ? before : { acked, sinceMs: atMs };
}
