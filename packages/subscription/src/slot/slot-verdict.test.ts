import { lsn, parseLsn } from "@trunkline/protocol";
import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { parseSlotRow, parseSystemIdentity, parseTimelineHistory, type SlotRow } from "./slot-facts.ts";
import { judgeSlot } from "./slot-verdict.ts";

const system = parseSystemIdentity(["7100000000000000001", "2", "0/5000", "app"]);
const row: SlotRow = {
  name: "s",
  plugin: "pgoutput",
  type: "logical",
  database: "app",
  temporary: false,
  active: false,
  activePid: null,
  restartLsn: parseLsn("0/1000"),
  confirmedFlushLsn: parseLsn("0/2000"),
  walStatus: "reserved",
  safeWalBytes: null,
  twoPhase: false,
  conflicting: null,
  invalidationReason: null,
  inactiveSince: null,
  failover: null,
  synced: null,
};
const checkpoint: Checkpoint = { systemId: system.systemId, timeline: 2, slot: "s", lsn: parseLsn("0/2000") };
const verdict = (slot: Partial<SlotRow> | undefined, ours?: Partial<Checkpoint>, more = {}) =>
  judgeSlot({
    system,
    slot: slot === undefined ? undefined : { ...row, ...slot },
    checkpoint: ours === undefined ? undefined : { ...checkpoint, ...ours },
    ...more,
  });

describe("a slot that can be used", () => {
  test("is ok, with the position at which the server resumes", () => {
    expect(verdict({})).toEqual({ type: "ok", confirmed: lsn(0x2000n) });
    expect(verdict({}, {})).toMatchObject({ type: "ok" });
  });

  test("trap 4: is ok when it fell back behind our position, which drops the repeats", () => {
    expect(verdict({}, { lsn: parseLsn("0/4000") })).toMatchObject({ type: "ok" });
  });

  test("is ok when it moved on while nothing was published", () => {
    expect(verdict({}, { lsn: parseLsn("0/1000") })).toMatchObject({ type: "ok" });
  });

  test("is ok while our own stream holds it, and in use when another does", () => {
    expect(verdict({ active: true, activePid: 7 }, undefined, { ownPid: 7 })).toMatchObject({ type: "ok" });
    expect(verdict({ active: true, activePid: 8 }, undefined, { ownPid: 7 })).toEqual({ type: "inUse", pid: 8 });
    expect(verdict({ active: true, activePid: 8 })).toEqual({ type: "inUse", pid: 8 });
  });

  test("is in use while it is being created", () => {
    expect(verdict({ active: true, activePid: 8, confirmedFlushLsn: null })).toEqual({ type: "inUse", pid: 8 });
  });
});

describe("a slot that is not there for us", () => {
  test("is missing: absent, of another database or plugin, or physical", () => {
    expect(verdict(undefined)).toEqual({ type: "missing", because: "absent" });
    expect(verdict({ database: "other" })).toEqual({ type: "missing", because: "other_database" });
    expect(verdict({ plugin: "test_decoding" })).toEqual({ type: "missing", because: "other_plugin" });
    expect(verdict({ type: "physical", database: null })).toEqual({ type: "missing", because: "physical" });
  });
});

describe("a lost slot", () => {
  test("is told by its reason, by a conflict, or by its WAL, whichever the server knows", () => {
    expect(verdict({ walStatus: "lost" })).toEqual({ type: "lost", because: "wal_removed" });
    expect(verdict({ conflicting: true, walStatus: "lost" })).toEqual({ type: "lost", because: "rows_removed" });
    expect(verdict({ invalidationReason: "idle_timeout", walStatus: "lost" })).toEqual({
      type: "lost",
      because: "idle_timeout",
    });
    expect(verdict({ invalidationReason: "wal_level_insufficient" })).toMatchObject({ type: "lost" });
  });

  test("is lost also while a holder is still listed", () => {
    expect(verdict({ active: true, activePid: 8, walStatus: "lost" })).toMatchObject({ type: "lost" });
  });

  test("is not lost while its WAL is merely unreserved", () => {
    expect(verdict({ walStatus: "unreserved" })).toMatchObject({ type: "ok" });
  });
});

describe("a position that is not of this server", () => {
  test("trap 5: another system is noticed before the slot is looked at", () => {
    expect(verdict(undefined, { systemId: "1" })).toEqual({
      type: "otherSystem",
      server: { systemId: system.systemId, timeline: 2 },
      ours: { systemId: "1", timeline: 2 },
    });
  });

  test("trap 5: a timeline that the server never had is another system", () => {
    expect(verdict({}, { timeline: 3 })).toMatchObject({ type: "otherSystem" });
  });

  test("trap 5: an earlier timeline holds up to where it was left, and not beyond", () => {
    const history = parseTimelineHistory("1\t0/3000\tno recovery target specified\n\n# comment\n");
    expect(verdict({}, { timeline: 1, lsn: parseLsn("0/3000") }, { history })).toMatchObject({ type: "ok" });
    expect(verdict({}, { timeline: 1, lsn: parseLsn("0/3001") }, { history })).toMatchObject({ type: "otherSystem" });
    expect(verdict({}, { timeline: 1, lsn: parseLsn("0/1") }, { history: [] })).toMatchObject({ type: "otherSystem" });
    expect(verdict({}, { timeline: 1 })).toMatchObject({ type: "ok" });
  });

  test("trap 6: a server whose WAL ends before our position is behind", () => {
    expect(verdict({}, { lsn: parseLsn("0/5001") })).toEqual({
      type: "behind",
      walEnd: parseLsn("0/5000"),
      ours: parseLsn("0/5001"),
    });
    expect(verdict({}, { lsn: parseLsn("0/5000") })).toMatchObject({ type: "ok" });
  });
});

test("a row is read whatever columns the server has", () => {
  expect(parseSlotRow(undefined)).toBeUndefined();
  const old = { slot_name: "s", plugin: "pgoutput", slot_type: "logical", database: "app", safe_wal_size: 1024 };
  expect(parseSlotRow(JSON.stringify(old))).toEqual({
    ...row,
    restartLsn: null,
    confirmedFlushLsn: null,
    walStatus: null,
    safeWalBytes: 1024n,
  });
});
