import { lsn } from "@trunkline/protocol";
import { parseSlotRow } from "@trunkline/subscription";
import { expect, test } from "vitest";
import { type SlotLook, slotState } from "./slot-state.ts";

interface Given {
  readonly atMs?: number;
  readonly walEnd?: bigint;
  readonly row?: Readonly<Record<string, unknown>>;
  readonly reader?: SlotLook["reader"];
}

/** A look at a slot that keeps WAL from 0/1000 on. */
function look({ atMs = 0, walEnd = 0x2000n, row = {}, reader }: Given = {}): SlotLook {
  const json = { slot_name: "s", slot_type: "logical", restart_lsn: "0/1000", confirmed_flush_lsn: "0/1800", ...row };
  const parsed = parseSlotRow(JSON.stringify(json));
  if (parsed === undefined) throw new Error("no row");
  const { restartLsn, confirmedFlushLsn, safeWalBytes, walStatus } = parsed;
  const health = {
    atMs,
    walEnd: lsn(walEnd),
    restartLsn,
    confirmedLsn: confirmedFlushLsn,
    safeWalBytes,
    walStatus,
    inactiveMs: null,
  };
  return { row: parsed, health, reader };
}

const reader = { pid: 5, application: "index", address: "10.0.0.1", user: "app" };

test("lag is what was not confirmed, kept is what the server can't remove", () => {
  expect(slotState([look()])).toMatchObject({ lagBytes: 0x800n, keptBytes: 0x1000n, verdict: "idle", safeBytes: null });
});

test("who reads is told by application, process and address", () => {
  expect(slotState([look({ row: { active: true }, reader })])).toMatchObject({
    verdict: "reading",
    sentence: "Read by index (pid 5, 10.0.0.1).",
  });
});

test("a slot that keeps much WAL for nobody is told apart", () => {
  expect(slotState([look({ walEnd: 100n * 1024n * 1024n })]).verdict).toBe("unread");
});

test("two looks tell until when the budget lasts, and a slot that is soon full is endangered", () => {
  const gib = 1024 ** 3;
  const first = look({ row: { safe_wal_size: 2 * gib } });
  const slowly = look({ atMs: 10_000, row: { safe_wal_size: 2 * gib - 1000 } });
  const fast = look({ atMs: 10_000, row: { safe_wal_size: gib } });
  expect(slotState([first])).toMatchObject({ fullInMs: null, verdict: "idle" });
  expect(slotState([first, slowly]).verdict).toBe("idle");
  expect(slotState([first, fast])).toMatchObject({
    fullInMs: 10_000,
    verdict: "endangered",
    budget: expect.stringContaining("Full in 10 s"),
  });
});

test("a lost slot is lost, whoever holds it", () => {
  const lost = look({ row: { wal_status: "lost", active: true, invalidation_reason: "wal_removed" }, reader });
  expect(slotState([lost])).toMatchObject({
    verdict: "lost",
    sentence: expect.stringContaining("(wal_removed). Drop it"),
  });
});

test("a slot that is being created has confirmed nothing", () => {
  const creating = look({ row: { active: true, confirmed_flush_lsn: null }, reader });
  expect(slotState([creating])).toMatchObject({ verdict: "creating", lagBytes: null });
});
