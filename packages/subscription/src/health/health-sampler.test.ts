import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { makeRuntime, SimulatedTime, settle, silentLogger, startLink, stop } from "@trunkline/process";
import { lsn } from "@trunkline/protocol";
import { expect, test } from "vitest";
import { healthChannelNames } from "./health-channels.ts";
import type { HealthEvent } from "./health-event.ts";
import { noHealth, withSample } from "./health-report.ts";
import { healthSampler, type TakeSample } from "./health-sampler.ts";
import type { SlotSample } from "./slot-sample.ts";
import type { HealthSample } from "./wal-budget.ts";

const healthAt = (atMs: number, remaining: number, change: Partial<HealthSample> = {}): HealthSample => ({
  atMs,
  walEnd: lsn(BigInt(10_000 - remaining)),
  restartLsn: lsn(9000n),
  confirmedLsn: lsn(9000n),
  safeWalBytes: BigInt(remaining),
  walStatus: "reserved",
  inactiveMs: null,
  ...change,
});
const sampleAt = (atMs: number, remaining: number): SlotSample => ({
  health: healthAt(atMs, remaining),
  row: undefined,
  system: { systemId: "1", timeline: 1, walEnd: lsn(10_000n), database: "d" },
  sent: undefined,
  oldestTransaction: undefined,
  maxSlotWalKeepBytes: undefined,
});

async function watch(take: TakeSample, intervalMs?: number) {
  const clock = new SimulatedTime();
  const runtime = makeRuntime({ clock, logger: silentLogger });
  const input = intervalMs === undefined ? { take } : { take, intervalMs };
  const ref = await startLink({ logic: healthSampler, input }, { runtime });
  const events: HealthEvent[] = [];
  ref.on("*", (event) => events.push(event as HealthEvent));
  return { ref, clock, events, types: () => events.map(({ type }) => type) };
}

test("a slot is sampled at once and at each interval, and the alarm comes with the sample that is too low", async () => {
  const remaining = [900, 500, 400, 90];
  const { clock, events, types, ref } = await watch(async (atMs) => sampleAt(atMs, remaining.shift() ?? 90));
  await clock.advance(0);
  expect(types()).toEqual(["slot.sampled"]);
  await clock.advance(30_000);
  expect(types()).toEqual(["slot.sampled", "slot.sampled", "slot.alarm", "slot.sampled", "slot.sampled", "slot.alarm"]);
  expect(events.filter((event) => event.type === "slot.alarm").map(({ alarm }) => alarm.to)).toEqual(["half", "tenth"]);
  await stop(ref);
});

test("a server that is away is told, and asked again at the next interval", async () => {
  let calls = 0;
  const { clock, types, ref } = await watch(async (atMs) => {
    calls += 1;
    if (calls === 1) throw new Error("away");
    return sampleAt(atMs, 900);
  }, 100);
  await clock.advance(100);
  expect(types()).toEqual(["slot.unsampled", "slot.sampled"]);
  await stop(ref);
});

test("a sampler that is stopped leaves no timer, aborts the sample that is under way, and tells nothing more", async () => {
  let aborted = false;
  let answer = (_: SlotSample): void => {};
  const { ref, clock, types } = await watch((_, signal) => {
    signal.addEventListener("abort", () => {
      aborted = true;
    });
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  await clock.advance(0);
  await stop(ref);
  answer(sampleAt(0, 1));
  await settle();
  expect([aborted, types(), clock.pending]).toEqual([true, [], 0]);
});

test("what a sampler tells is published on diagnostics_channel too, with the slot's name", async () => {
  const heard: unknown[] = [];
  const listener = (payload: unknown): void => void heard.push(payload);
  const names = Object.values(healthChannelNames);
  for (const name of names) subscribe(name, listener);
  const take: TakeSample = async (atMs) => sampleAt(atMs, 400);
  const clock = new SimulatedTime();
  const runtime = makeRuntime({ clock, logger: silentLogger });
  const ref = await startLink({ logic: healthSampler, input: { take, slot: "s" } }, { runtime });
  await clock.advance(0);
  await stop(ref);
  for (const name of names) unsubscribe(name, listener);
  expect(heard).toMatchObject([
    { type: "slot.sampled", slot: "s" },
    { type: "slot.alarm", slot: "s", alarm: { to: "half" } },
  ]);
});

test("restart_lsn counts as still from when confirmed moved without it", () => {
  const steps: readonly Partial<HealthSample>[] = [
    {},
    {},
    { confirmedLsn: lsn(9100n) },
    { confirmedLsn: lsn(9100n) },
    { confirmedLsn: lsn(9200n), restartLsn: lsn(9150n) },
  ];
  let state = noHealth;
  const still = steps.map((change, index) => {
    state = withSample(state, { health: healthAt(index * 1000, 500, change) }).state;
    return state.restartStillSinceMs;
  });
  expect(still).toEqual([undefined, undefined, 1000, 1000, undefined]);
});
