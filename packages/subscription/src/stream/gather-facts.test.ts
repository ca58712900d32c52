import { type DecodedMessage, lsn } from "@trunkline/protocol";
import { expect, test } from "vitest";
import type { AnswerCode } from "../explain/answer.ts";
import { explain } from "../explain/explain.ts";
import type { ConnectionFacts } from "../explain/facts.ts";
import { noHealth, withSample } from "../health/health-report.ts";
import { type Asked, HealthWatch } from "../health/health-watch.ts";
import type { SlotSample } from "../health/slot-sample.ts";
import { parseOptions } from "../options.ts";
import type { SlotRow } from "../slot/slot-facts.ts";
import { type FactSources, gatherFacts } from "./gather-facts.ts";
import { HandlerWatch } from "./handler-watch.ts";
import { Intake } from "./intake.ts";

const MiB = 1024n ** 2n;
const nowMs = 100_000;
const start = lsn(1000n * MiB);
const row: SlotRow = {
  name: "s",
  plugin: "pgoutput",
  type: "logical",
  database: "d",
  temporary: false,
  active: true,
  activePid: 7,
  restartLsn: start,
  confirmedFlushLsn: start,
  walStatus: "reserved",
  safeWalBytes: null,
  twoPhase: false,
  conflicting: null,
  invalidationReason: null,
  inactiveSince: null,
  failover: null,
  synced: null,
};
const sampleAt = (atMs: number, change: Partial<SlotSample["health"]> = {}, more: Partial<SlotSample> = {}) => ({
  health: {
    atMs,
    walEnd: start,
    restartLsn: start,
    confirmedLsn: start,
    safeWalBytes: null,
    walStatus: "reserved",
    inactiveMs: null,
    ...change,
  },
  row,
  system: { systemId: "1", timeline: 1, walEnd: change.walEnd ?? start, database: "d" },
  sent: change.walEnd ?? start,
  oldestTransaction: undefined,
  maxSlotWalKeepBytes: undefined,
  ...more,
});
const position = { systemId: "1", timeline: 1, slot: "s", lsn: start };
const asked: Asked = { position, durable: start, acked: start, ownPid: 7 };

/** A watch that was told of these samples, in this order. */
function watchOf(...samples: readonly (readonly [SlotSample, Partial<Asked>?])[]) {
  const watch = new HealthWatch();
  let health = noHealth;
  for (const [sample, change] of samples) {
    health = withSample(health, sample).state;
    watch.sample(sample, health, { ...asked, ...change });
  }
  return { watch, intervalMs: 10_000, nextMs: nowMs + 10_000 };
}

const streaming: ConnectionFacts = {
  type: "streaming",
  lastHeardMs: nowMs,
  askedMs: undefined,
  livenessTimeoutMs: 60_000,
};

const intakeAt = (limits = { changes: 10, bytes: 1000 }) =>
  new Intake(start, limits, { room: () => {}, durable: () => {} });

const transaction = (at: bigint, xid: number): DecodedMessage[] => [
  { kind: "begin", finalLsn: lsn(at), commitClock: 0n, xid },
  { kind: "commit", commitLsn: lsn(at), endLsn: lsn(at + 8n), commitClock: 0n },
];

function sourcesOf(change: Partial<FactSources> = {}): FactSources {
  return {
    nowMs,
    id: "orders",
    config: parseOptions({ connection: {}, slot: "s", publications: "p", onTransaction: () => {} }),
    described: { servers: "db:5432", user: "app" },
    connection: streaming,
    suspendedMs: undefined,
    pausedMs: undefined,
    intake: intakeAt(),
    watch: new HandlerWatch(4),
    health: watchOf([sampleAt(nowMs - 1000)]),
    looked: { verdict: { type: "ok", confirmed: start }, atMs: 0 },
    ...change,
  };
}

/** A handler that has had a transaction in hand for so long. */
function busyFor(ms: number) {
  const watch = new HandlerWatch(4);
  watch.begins({ type: "message", ticket: 1, message: {} as never, end: start, bytes: 1 }, nowMs - ms);
  return watch;
}

function failing() {
  const watch = busyFor(100);
  watch.failed(new Error("no"), 1, { type: "retry", waitMs: 5000 }, nowMs);
  return watch;
}

/** Two transactions that are not handled yet. */
function withBacklog() {
  const intake = intakeAt();
  for (const one of [...transaction(start + 8n, 1), ...transaction(start + 24n, 2)]) intake.take(one, 1);
  return intake;
}

/** Handled, and not reported yet. */
async function withUnreported() {
  const intake = intakeAt();
  for (const one of transaction(start + 8n, 1)) intake.take(one, 1);
  const work = await intake.next();
  if (work !== undefined) intake.finished(work.ticket);
  return intake;
}

const ahead = lsn(start + 10n * MiB);
const stopped: ConnectionFacts = { type: "stopped", sinceMs: nowMs, reason: "?", remedy: "?" };
const down: ConnectionFacts = { type: "down", sinceMs: 0, error: "?", remedy: "Do.", attempt: 2, nextAttemptMs: nowMs };
const owner = { pid: 1, application: "", address: "local", since: "?" };
const absent = { row: undefined };
const writer = { oldestTransaction: { pid: 9, openMs: 90_000 } };

/** Facts that lead to each answer. What only streamed transactions would bring is left out: they are refused for now. */
const cases: Readonly<Record<Exclude<AnswerCode, "open_transaction">, Partial<FactSources>>> = {
  slot_lost: { health: watchOf([sampleAt(nowMs, {}, { row: { ...row, walStatus: "lost" } })]) },
  slot_missing: { connection: down, health: watchOf([sampleAt(nowMs, {}, absent)]) },
  other_system: {
    connection: down,
    health: watchOf([sampleAt(nowMs), { position: { ...position, systemId: "2" } }]),
  },
  server_behind: { connection: down, health: watchOf([sampleAt(nowMs), { position: { ...position, lsn: ahead } }]) },
  login_refused: { connection: { type: "loginRefused", message: "no" } },
  gave_up: { connection: stopped },
  unreachable: { connection: down },
  standby: { connection: { type: "standby", owner } },
  in_use: { connection: { type: "opening" }, looked: { verdict: { type: "inUse", pid: 8 }, atMs: nowMs } },
  suspended: { suspendedMs: 0 },
  paused: { pausedMs: 0 },
  copying: { connection: { type: "copying", sinceMs: 0 } },
  handler_failing: { watch: failing() },
  handler_busy: { watch: busyFor(5001) },
  handler_slow: {
    intake: withBacklog(),
    health: watchOf([sampleAt(nowMs - 10_000)], [sampleAt(nowMs, { walEnd: ahead })]),
  },
  silent: { connection: { ...streaming, lastHeardMs: nowMs - 31_000 } },
  decoding: { health: watchOf([sampleAt(nowMs, { walEnd: ahead }, { sent: start })]) },
  not_confirmed: {
    health: watchOf([sampleAt(nowMs - 11_000), { acked: ahead }], [sampleAt(nowMs), { acked: lsn(ahead + 1n) }]),
  },
  wal_pinned: {
    health: watchOf(
      [sampleAt(nowMs - 61_000)],
      [sampleAt(nowMs - 30_000, { confirmedLsn: lsn(start + 1n) })],
      [sampleAt(nowMs, { confirmedLsn: lsn(start + 2n) }, writer)],
    ),
  },
  ack_due: { intake: await withUnreported() },
  unknown: { health: undefined },
  idle: {},
  advancing: { health: watchOf([sampleAt(nowMs, { walEnd: ahead })]) },
};

test.each(Object.entries(cases))("facts lead to the answer %s", (code, change) => {
  expect(explain(gatherFacts(sourcesOf(change))).code).toBe(code);
});

test("a stream that runs proves its slot: a sampler that sees another server says nothing of it", () => {
  const elsewhere = watchOf([sampleAt(nowMs, {}, absent)]);
  expect(explain(gatherFacts(sourcesOf({ health: elsewhere }))).code).toBe("idle");
});

test("a slot that nobody has made yet is not missing, and who holds it is said by our own sessions only", () => {
  const connection = { type: "opening" } as const;
  const unmade = watchOf([sampleAt(nowMs, {}, absent), { position: undefined }]);
  const first = { intake: undefined, looked: undefined, connection };
  expect(explain(gatherFacts(sourcesOf({ ...first, health: unmade }))).code).toBe("unknown");
  const held = watchOf([sampleAt(nowMs), { ownPid: undefined }]);
  expect(explain(gatherFacts(sourcesOf({ connection, looked: undefined, health: held }))).code).toBe("idle");
});

test("what came after the sample was asked for makes no server fall behind", () => {
  const { watch } = watchOf([sampleAt(nowMs)]);
  expect(watch.looked?.verdict.type).toBe("ok");
  expect(watch.sampled?.unconfirmed).toBeUndefined();
});

test("what the server confirms later was unconfirmed from the first sample on that told so", () => {
  const first = watchOf([sampleAt(50, {}), { acked: ahead }]);
  expect(first.watch.sampled?.unconfirmed).toEqual({ acked: ahead, sinceMs: 50 });
  const later = sampleAt(90, { confirmedLsn: ahead });
  first.watch.sample(later, noHealth, { ...asked, acked: lsn(ahead + 5n) });
  expect(first.watch.sampled?.unconfirmed).toEqual({ acked: lsn(ahead + 5n), sinceMs: 90 });
  first.watch.sample(sampleAt(99, { confirmedLsn: lsn(ahead + 5n) }), noHealth, { ...asked, acked: lsn(ahead + 5n) });
  expect(first.watch.sampled?.unconfirmed).toBeUndefined();
});

test("a timeline that SQL shows late makes no other system", () => {
  const { watch } = watchOf([sampleAt(1), { position: { ...position, timeline: 2 } }]);
  expect(watch.looked?.verdict.type).toBe("ok");
});
