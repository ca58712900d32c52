import { describe, expect, test } from "vitest";
import { decideOwnership, type Ownership, type OwnershipFacts, pollDelayMs } from "./decide-ownership.ts";
import { endHoldersSql, type LockHolder } from "./slot-lock.ts";

const holder: LockHolder = { pid: 7, application: "other", address: "10.0.0.7", since: "2026-01-01" };
const facts: OwnershipFacts = {
  ownership: "standby",
  locked: false,
  ownPid: 1,
  holders: { lock: holder, slotPid: 7 },
  ownedBefore: false,
};
const decide = (change: Partial<OwnershipFacts>) => decideOwnership({ ...facts, ...change });
const ours: LockHolder = { ...holder, pid: 1 };
const modes: readonly Ownership[] = ["standby", "takeover", "fail"];

test("whoever has the lock, and finds the slot free or its own, owns it", () => {
  for (const ownership of modes) {
    expect(decide({ ownership, locked: true, holders: { lock: ours, slotPid: undefined } })).toEqual({ type: "own" });
    expect(decide({ ownership, locked: true, holders: { lock: ours, slotPid: 1 } })).toEqual({ type: "own" });
  }
});

test("a lock that has just become free is asked for again", () => {
  for (const ownership of modes) {
    const decision = decide({ ownership, holders: { lock: undefined, slotPid: undefined } });
    expect(decision).toEqual({ type: "wait", holder: undefined });
  }
});

describe("while another has it", () => {
  test("a standby waits, and tells for whom", () => {
    expect(decide({})).toEqual({ type: "wait", holder });
    const stranger = decide({ locked: true, holders: { lock: ours, slotPid: 8 } });
    expect(stranger).toEqual({ type: "wait", holder: undefined });
  });

  test("one that takes over ends whoever has the lock or the slot", () => {
    expect(decide({ ownership: "takeover" })).toEqual({ type: "takeOver", pids: [7] });
    const both = { lock: holder, slotPid: 8 };
    expect(decide({ ownership: "takeover", holders: both })).toEqual({ type: "takeOver", pids: [7, 8] });
    const stranger = { lock: ours, slotPid: 8 };
    expect(decide({ ownership: "takeover", locked: true, holders: stranger })).toEqual({ type: "takeOver", pids: [8] });
  });

  test("one that fails does", () => {
    expect(decide({ ownership: "fail" })).toEqual({ type: "fail", pids: [7] });
  });
});

test("who was taken over from does not take over in turn, so that two never end each other for ever", () => {
  expect(decide({ ownership: "takeover", ownedBefore: true })).toEqual({ type: "wait", holder });
});

test("who finds the slot held after its own connection broke waits, since that may be its own old backend", () => {
  expect(decide({ ownership: "fail", ownedBefore: true })).toEqual({ type: "wait", holder });
});

test("a standby asks at least once a second, and not in step with others", () => {
  expect([0, 0.5, 0.999].map(pollDelayMs)).toEqual([500, 750, 1000]);
});

test("only whole process ids stand in the statement", () => {
  expect(endHoldersSql("s", [7, 8.5])).toContain("ARRAY[7, 8]::int[]");
});
