import { runtimeOf, scopeOf } from "@trunkline/process";
import type { ConnectionOptions, Session } from "@trunkline/replication";
import { type CallbackActorLogic, type EventObject, fromCallback } from "xstate";
import { connectForSql } from "../session/sql-session.ts";
import { publishHealth } from "./health-channels.ts";
import type { HealthEvent } from "./health-event.ts";
import { noHealth, withSample } from "./health-report.ts";
import { parseSlotSample, type SlotSample, slotSampleSql } from "./slot-sample.ts";

/** A server that has not answered after so long is asked anew on another session; milliseconds. */
const patienceMs = 15_000;

/** Looks at a slot once. `atMs`: now, on the process' clock. It gives up when the signal is aborted. */
export type TakeSample = (atMs: number, signal: AbortSignal) => Promise<SlotSample>;

/** How a slot is watched. */
export interface HealthSamplerInput {
  readonly take: TakeSample;
  /** Between the end of a sample and the next, in milliseconds. Default 10,000. */
  readonly intervalMs?: number;
  /** The slot's name, for telemetry. */
  readonly slot?: string;
}

/**
 * Watches a slot's health: a process that samples at once and then at intervals, on a session of its own, so that
 * neither a busy stream nor a blocked handler keeps the alarm from coming. It does not end when the server is away.
 */
export const healthSampler: CallbackActorLogic<EventObject, HealthSamplerInput, HealthEvent> = fromCallback<
  EventObject,
  HealthSamplerInput,
  HealthEvent
>(({ input, self, emit }) => {
  const { take, intervalMs = 10_000, slot } = input;
  const { clock } = runtimeOf(self);
  const scope = scopeOf(self);
  let health = noHealth;

  const tell = (event: HealthEvent): void => {
    publishHealth(slot, event);
    emit(event);
  };
  const sampled = scope.bind((sample: SlotSample) => {
    const { state, alarm } = withSample(health, sample);
    health = state;
    tell({ type: "slot.sampled", sample, health });
    if (alarm !== undefined) tell({ type: "slot.alarm", alarm, health });
    scope.setTimeout(turn, intervalMs);
  });
  const failed = scope.bind((error: unknown) => {
    tell({ type: "slot.unsampled", error });
    scope.setTimeout(turn, intervalMs);
  });
  const turn = (): void => void take(clock.now(), scope.signal).then(sampled, failed);

  // What it emits first must find its listeners: they are attached once the start is over.
  scope.setTimeout(turn, 0);
});

/**
 * A {@link TakeSample} with a session that is kept between samples, and closed when the signal is aborted. One that has
 * ended meanwhile (`idle_session_timeout`, an operator) is no failure: the next sample is taken on another.
 */
export function slotSampler(connection: ConnectionOptions, slot: string): TakeSample {
  const sql = slotSampleSql(slot);
  let open: Session | undefined;
  const close = (): void => {
    void open?.close();
    open = undefined;
  };
  const connected = async (signal: AbortSignal): Promise<Session> => {
    if (open !== undefined && open.state !== "closed") return open;
    signal.addEventListener("abort", close, { once: true }); // the same listener is not added twice
    open = await connectForSql(connection, { signal });
    if (signal.aborted) close();
    signal.throwIfAborted();
    return open;
  };
  return async (atMs, signal) => {
    try {
      const session = await connected(signal);
      const results = await session.query(sql, { timeoutMs: patienceMs });
      const answer = results.at(-1)?.rows[0]?.[0];
      if (typeof answer !== "string") throw new TypeError("The server answered a SELECT without FROM with no row.");
      return parseSlotSample(answer, atMs);
    } catch (error) {
      close();
      throw error;
    }
  };
}
