import { lsn, parseLsn } from "@trunkline/protocol";
import { describe, expect, test } from "vitest";
import type { WalBudget } from "../health/wal-budget.ts";
import type { Answer } from "./answer.ts";
import { budgetLine } from "./budget-line.ts";
import { explain } from "./explain.ts";
import type { ConnectionFacts, ExplainFacts, HandlerFacts, OldestOpen, SampledFacts } from "./facts.ts";

const nowMs = 1_000_000;
const MiB = 1024 * 1024;
const end = parseLsn("0/3A7F21C8");
const limited: WalBudget = {
  type: "limited",
  keptBytes: 9_374_269n,
  limitBytes: 1024n ** 3n,
  remainingBytes: 1024n ** 3n - 9_374_269n,
  remainingShare: 0.99,
  burnBytesPerSecond: 280_576,
  fullInMs: 3_780_000,
};
const handler: HandlerFacts = {
  name: "onTransaction",
  oldestOpen: undefined,
  unfinished: 0,
  laterDone: 0,
  handledBytesPerSecond: 10,
  writtenBytesPerSecond: 10,
  backlogGrows: false,
};
const sampled: SampledFacts = {
  atMs: nowMs - 800,
  walEnd: end,
  sent: end,
  confirmed: end,
  restart: parseLsn("0/39F00D58"),
  restartStillSinceMs: undefined,
  unconfirmed: undefined,
  oldestTransaction: undefined,
};
const streaming: ConnectionFacts = {
  type: "streaming",
  lastHeardMs: nowMs - 500,
  askedMs: undefined,
  livenessTimeoutMs: 60_000,
};
const facts: ExplainFacts = {
  nowMs,
  id: "orders",
  slot: "orders_sub",
  host: "db.example:5432",
  user: "app",
  verdict: { type: "ok", confirmed: end },
  verdictMs: nowMs - 800,
  connection: streaming,
  suspendedMs: undefined,
  pausedMs: undefined,
  handler,
  openTransaction: undefined,
  backpressure: false,
  received: end,
  dispatched: end,
  durable: end,
  acked: end,
  nextAckMs: nowMs + 800,
  lastChangeMs: nowMs - 3000,
  trend: "catching up",
  budget: limited,
  maxSlotWalKeepBytes: 1024n ** 3n,
  sampled,
  sampler: { type: "on", intervalMs: 5000, nextMs: nowMs + 4200, error: undefined },
};
const open: OldestOpen = {
  xid: 48_211,
  commitLsn: parseLsn("0/3A42F0A8"),
  sinceMs: nowMs - 14_200,
  failure: undefined,
};
const failingOpen: OldestOpen = {
  ...open,
  failure: { count: 2, max: 5, error: "TypeError: no such customer", nextTryMs: nowMs + 1500 },
};

/** One row of the table: facts, and the answer they give, word for word. */
const rows: readonly (readonly [change: Partial<ExplainFacts>, answer: Answer])[] = [
  [
    { verdict: { type: "lost", because: "wal_removed" } },
    {
      code: "slot_lost",
      tone: "broken",
      sentence: "Slot orders_sub is lost: Postgres removed WAL it needed (wal_removed).",
      todo: "Drop it, take a new snapshot, raise max_slot_wal_keep_size (now 1 GiB). Changes after 0/3A7F21C8 must be copied again.",
    },
  ],
  [
    { verdict: { type: "missing", because: "absent" } },
    {
      code: "slot_missing",
      tone: "broken",
      sentence: "Slot orders_sub does not exist on db.example:5432.",
      todo: "Dropped, or the wrong server? A new slot starts now and leaves a gap after 0/3A7F21C8: choose recreateWithGap or resnapshot.",
    },
  ],
  [
    {
      verdict: {
        type: "otherSystem",
        server: { systemId: "72", timeline: 1 },
        ours: { systemId: "71", timeline: 1 },
      },
    },
    {
      code: "other_system",
      tone: "broken",
      sentence: "This is not the server the position came from (system 72, expected 71).",
      todo: "Check the connection string, or resnapshot. Nothing was acknowledged here.",
    },
  ],
  [
    { verdict: { type: "behind", walEnd: lsn(16n), ours: lsn(32n) } },
    {
      code: "server_behind",
      tone: "broken",
      sentence: "The server’s WAL ends at 0/10, before our position 0/20: it was restored from a backup.",
      todo: "Restore the sink to match, or resnapshot. Nothing was acknowledged here.",
    },
  ],
  [
    { connection: { type: "loginRefused", message: 'password authentication failed for user "app"' } },
    {
      code: "login_refused",
      tone: "broken",
      sentence: 'Postgres refused the login of app: password authentication failed for user "app"',
      todo: "Correct the password or pg_hba.conf; then restart orders.",
    },
  ],
  [
    { connection: { type: "stopped", sinceMs: nowMs - 125_000, reason: "the handler failed", remedy: "Fix it." } },
    {
      code: "gave_up",
      tone: "broken",
      sentence: "orders stopped 2 min 5 s ago: the handler failed.",
      todo: "Fix it. The slot keeps WAL meanwhile: 8.94 MiB.",
    },
  ],
  [
    {
      connection: {
        type: "down",
        sinceMs: nowMs - 8000,
        error: "sorry, too many clients already",
        remedy: "See by whom, or raise max_connections.",
        attempt: 4,
        nextAttemptMs: nowMs + 2500,
      },
    },
    {
      code: "unreachable",
      tone: "held",
      sentence: "No connection to db.example:5432 for 8 s: sorry, too many clients already. Attempt 4 in 2.5 s.",
      todo: "See by whom, or raise max_connections.",
    },
  ],
  [
    {
      connection: {
        type: "standby",
        owner: { pid: 77, application: "orders-2", address: "10.0.0.7", since: "03:12:47" },
      },
    },
    {
      code: "standby",
      tone: "waiting",
      sentence: "On standby: pid 77 (orders-2, 10.0.0.7) holds the lock since 03:12:47.",
      todo: "Nothing, if that one is well. It takes over within 2 s of that one’s end.",
    },
  ],
  [
    { verdict: { type: "inUse", pid: 78 } },
    {
      code: "in_use",
      tone: "held",
      sentence: "Slot orders_sub is held by pid 78, which does not use our lock.",
      todo: "Stop that consumer, or give this one a slot of its own.",
    },
  ],
  [
    { suspendedMs: nowMs - 3_600_000 },
    { code: "suspended", tone: "held", sentence: "orders was suspended 1 h ago.", todo: "Resume it." },
  ],
  [
    { pausedMs: nowMs - 60_000 },
    {
      code: "paused",
      tone: "held",
      sentence: "orders was paused 1 min ago: it hands out no further transaction.",
      todo: "Call resumeSubscription. Changes wait in the slot meanwhile.",
    },
  ],
  [
    { connection: { type: "copying", sinceMs: nowMs - 90_000 } },
    {
      code: "copying",
      tone: "waiting",
      sentence: "The tables are being copied, for 1 min 30 s so far.",
      because: "The slot counts from the moment of the copy, and is kept once the copy is complete.",
      todo: "Wait.",
    },
  ],
  [
    { handler: { ...handler, oldestOpen: { ...failingOpen, xid: undefined } } },
    {
      code: "handler_failing",
      tone: "held",
      sentence:
        "Your handler failed 2 of 5 times on the message at 0/3A42F0A8: TypeError: no such customer. Next try in 1.5 s.",
      todo: "Fix the handler, or park it: then this transaction is stored aside and the rest goes on.",
    },
  ],
  [
    { handler: { ...handler, oldestOpen: failingOpen } },
    {
      code: "handler_failing",
      tone: "held",
      sentence:
        "Your handler failed 2 of 5 times on transaction 48211: TypeError: no such customer. Next try in 1.5 s.",
      todo: "Fix the handler, or park it: then this transaction is stored aside and the rest goes on.",
    },
  ],
  [
    { handler: { ...handler, oldestOpen: open, laterDone: 37 } },
    {
      code: "handler_busy",
      tone: "held",
      sentence: "Your handler has held transaction 48211 for 14.2 s.",
      because: "37 later ones are done, but a slot is acknowledged in commit order and cannot pass 0/3A42F0A8.",
      todo: "See what onTransaction is awaiting. Restarting orders is safe: 38 transactions come again, none is lost.",
    },
  ],
  [
    { handler: { ...handler, oldestOpen: open } },
    {
      code: "handler_busy",
      tone: "held",
      sentence: "Your handler has held transaction 48211 for 14.2 s.",
      todo: "See what onTransaction is awaiting. Restarting orders is safe: 1 transaction comes again, none is lost.",
    },
  ],
  [
    { handler: { ...handler, backlogGrows: true, handledBytesPerSecond: 9.5 * MiB, writtenBytesPerSecond: 1250 } },
    {
      code: "handler_slow",
      tone: "held",
      sentence: "Your handler does 9.50 MiB/s, the writers 1.22 KiB/s.",
      todo: "Do less per change, or several changes at once. At this rate the WAL budget is full in 1 h 3 min.",
    },
  ],
  [
    { openTransaction: { xid: 9, bytes: BigInt(64 * MiB), pid: 5 } },
    {
      code: "open_transaction",
      tone: "waiting",
      sentence: "Transaction 9 is still open on the server: 64 MiB received so far, spilled to disk.",
      todo: "Wait for its commit, or look for its client: pid 5.",
    },
  ],
  [
    { connection: { ...streaming, lastHeardMs: nowMs - 40_000, askedMs: nowMs - 9000 } },
    {
      code: "silent",
      tone: "held",
      sentence: "Nothing heard from the server for 40 s; asked for an answer 9 s ago.",
      todo: "Nothing yet: reconnects in 20 s if it stays silent.",
    },
  ],
  [
    { sampled: { ...sampled, sent: lsn(end - 3n * 1024n ** 2n) } },
    {
      code: "decoding",
      tone: "waiting",
      sentence: "Postgres is still decoding: 3 MiB of WAL left to read.",
      todo: "Wait. Often a large transaction or tables outside the publication; see pg_stat_replication_slots (spill_bytes).",
    },
  ],
  [
    {
      sampled: { ...sampled, confirmed: parseLsn("0/10"), unconfirmed: { acked: end, sinceMs: nowMs - 11_000 } },
    },
    {
      code: "not_confirmed",
      tone: "held",
      sentence: "Acknowledged 0/3A7F21C8 11 s ago, but Postgres still says 0/10.",
      todo: "Is a pooler or proxy between? Is the sampler asking another server?",
    },
  ],
  [
    {
      sampled: {
        ...sampled,
        restartStillSinceMs: nowMs - 61_000,
        oldestTransaction: { pid: 99, sinceMs: nowMs - 7_200_000 },
      },
    },
    {
      code: "wal_pinned",
      tone: "held",
      sentence: "The slot is confirmed; Postgres keeps WAL from 0/39F00D58 for a transaction of pid 99, open for 2 h.",
      todo: "End it if it is forgotten: select pg_terminate_backend(99);",
    },
  ],
  [
    { acked: lsn(end - 8n) },
    {
      code: "ack_due",
      tone: "fine",
      sentence: "Everything is handled; the next acknowledgement is due within 1 s.",
    },
  ],
  [{}, { code: "idle", tone: "fine", sentence: "Up to date. The last change came 3 s ago." }],
  [{ lastChangeMs: undefined }, { code: "idle", tone: "fine", sentence: "Up to date. No change has come yet." }],
  [
    { received: lsn(end - 1331n), durable: lsn(end - 1331n), acked: lsn(end - 1331n) },
    { code: "advancing", tone: "fine", sentence: "Yes. It is 1.30 KiB behind and catching up." },
  ],
];

test.each(rows)("%# $code", (change, answer) => {
  expect(explain({ ...facts, ...change })).toEqual(answer);
});

test("of several causes the first of the table wins", () => {
  const codes = [];
  let all: ExplainFacts = Object.assign({ ...facts }, ...rows.map(([change]) => change));
  all = {
    ...all,
    connection: { type: "down", sinceMs: 0, error: "?", remedy: "Do.", attempt: 1, nextAttemptMs: nowMs },
    handler: { ...handler, oldestOpen: failingOpen, backlogGrows: true },
    verdict: { type: "lost", because: "wal_removed" },
    suspendedMs: 0,
  };
  codes.push(explain(all).code);
  all = { ...all, verdict: { type: "inUse", pid: 1 } };
  codes.push(explain(all).code);
  all = { ...all, connection: { ...streaming, lastHeardMs: 0 } };
  codes.push(explain(all).code);
  all = { ...all, verdict: { type: "ok", confirmed: end } };
  codes.push(explain(all).code);
  all = { ...all, suspendedMs: undefined };
  codes.push(explain(all).code);
  all = { ...all, pausedMs: undefined };
  codes.push(explain(all).code);
  all = { ...all, handler };
  codes.push(explain(all).code);
  all = { ...all, openTransaction: undefined };
  codes.push(explain(all).code);
  expect(codes).toEqual([
    "slot_lost",
    "unreachable",
    "in_use",
    "suspended",
    "paused",
    "handler_failing",
    "open_transaction",
    "silent",
  ]);
});

describe("causes that are not there", () => {
  const codeOf = (change: Partial<ExplainFacts>) => explain({ ...facts, ...change }).code;
  test("silence and decoding say nothing while we do not read", () => {
    const quiet: ConnectionFacts = { ...streaming, lastHeardMs: nowMs - 50_000 };
    expect(codeOf({ backpressure: true, connection: quiet, sampled: { ...sampled, sent: lsn(1n) } })).toBe("idle");
  });

  test("a handler is busy after 5 s, a confirmation late after 10 s, WAL pinned after 60 s", () => {
    expect(codeOf({ handler: { ...handler, oldestOpen: { ...open, sinceMs: nowMs - 5000 } } })).toBe("idle");
    const unconfirmed = { acked: end, sinceMs: nowMs - 10_000 };
    expect(codeOf({ sampled: { ...sampled, confirmed: lsn(1n), unconfirmed } })).toBe("idle");
    const oldestTransaction = { pid: 9, sinceMs: 0 };
    expect(codeOf({ sampled: { ...sampled, restartStillSinceMs: nowMs - 60_000, oldestTransaction } })).toBe("idle");
  });
});

describe("facts that are older than three intervals", () => {
  const old = { ...sampled, atMs: nowMs - 41_000 };
  test("are told as of when, at most as waiting", () => {
    const decoding = { ...facts, sampled: { ...old, sent: lsn(end - 1024n) } };
    expect(explain(decoding)).toMatchObject({
      code: "decoding",
      tone: "waiting",
      sentence: "As of 41 s ago: Postgres is still decoding: 1 KiB of WAL left to read.",
    });
    expect(explain({ ...facts, verdict: { type: "inUse", pid: 78 }, verdictMs: nowMs - 41_000 })).toMatchObject({
      tone: "waiting",
      sentence: "As of 41 s ago: Slot orders_sub is held by pid 78, which does not use our lock.",
    });
    expect(explain({ ...facts, sampled: old })).toMatchObject({
      tone: "fine",
      sentence: expect.stringMatching(/^As of 41 s ago: Up to date/),
    });
    expect(explain({ ...facts, sampled: { ...sampled, atMs: nowMs - 15_000 } }).sentence).toMatch(/^Up to date/);
  });

  test("do not age what this process knows by itself", () => {
    const connection: ConnectionFacts = {
      type: "down",
      sinceMs: 0,
      error: "?",
      remedy: "Do.",
      attempt: 2,
      nextAttemptMs: undefined,
    };
    expect(explain({ ...facts, sampled: old, connection })).toMatchObject({
      code: "unreachable",
      tone: "held",
      sentence: "No connection to db.example:5432 for 16 min 40 s: ?. Attempt 2 is under way.",
    });
    const tried = { ...failingOpen, failure: { count: 1, max: 4, error: "?", nextTryMs: nowMs - 1 } };
    expect(explain({ ...facts, sampled: old, handler: { ...handler, oldestOpen: tried } }).sentence).toBe(
      "Your handler failed 1 of 4 times on transaction 48211: ?. It is trying again now.",
    );
  });
});

describe("before the first sample", () => {
  const early = { ...facts, sampled: undefined, verdict: undefined };
  const on = { type: "on", intervalMs: 5000, nextMs: nowMs + 400, error: undefined } as const;
  const sentenceOf = (change: Partial<ExplainFacts>) => {
    const { code, tone, sentence } = explain({ ...early, ...change });
    return [code, tone, sentence];
  };
  test("nothing is claimed", () => {
    const [unknown, waiting] = ["unknown", "waiting"];
    expect(sentenceOf({ sampler: on })).toEqual([unknown, waiting, "No facts yet. First sample in 0.4 s."]);
    expect(sentenceOf({ sampler: { ...on, error: "too many clients" } })).toEqual([
      unknown,
      waiting,
      "No facts yet: the server could not be asked (too many clients).",
    ]);
    expect(sentenceOf({ sampler: { type: "off" } })).toEqual([
      unknown,
      waiting,
      "The server is not asked: health is false.",
    ]);
    const first = { received: undefined, durable: undefined, acked: undefined };
    expect(sentenceOf({ sampled, ...first })[2]).toBe("No facts yet: the first stream is on its way.");
  });

  test("what this process knows by itself is told all the same", () => {
    expect(sentenceOf({ handler: { ...handler, oldestOpen: open } })[0]).toBe("handler_busy");
    expect(sentenceOf({ acked: lsn(end - 8n) })[0]).toBe("ack_due");
    const missing = { verdict: { type: "missing", because: "absent" }, durable: undefined } as const;
    expect(explain({ ...early, ...missing }).todo).toContain("leaves a gap after the last acknowledgement");
  });
});

describe("the WAL budget in one line", () => {
  const full = (fullInMs: number | undefined) => budgetLine({ ...limited, fullInMs });
  test("says what is kept, of how much, and until when", () => {
    expect(full(3_780_000)).toEqual({ text: "8.94 MiB of 1 GiB. Full in 1 h 3 min at 274 KiB/s.", tone: "fine" });
    expect(full(undefined)).toEqual({ text: "8.94 MiB of 1 GiB. Not growing.", tone: "fine" });
    expect(full(3_599_000).tone).toBe("amber");
    expect(full(599_000).tone).toBe("red");
  });

  test("says that there is no limit", () => {
    expect(budgetLine({ type: "unlimited", keptBytes: 648n })).toEqual({
      text: "648 B. No limit set: max_slot_wal_keep_size = -1.",
      tone: "amber",
    });
    expect(budgetLine({ type: "lost" }).tone).toBe("red");
    expect(budgetLine({ type: "unknown" }).text).toBe("Unknown.");
  });
});
