import { expect, test } from "vitest";
import { alterReplicationSlot, dropReplicationSlot, readReplicationSlot } from "./slot-commands.ts";

const withCode = (code: string) => expect.objectContaining({ name: "ProtocolError", code });

test("a slot is altered in what is named, and in nothing else", () => {
  expect(alterReplicationSlot({ slot: "s", failover: true })).toBe('ALTER_REPLICATION_SLOT "s" (FAILOVER true)');
  expect(alterReplicationSlot({ slot: "s", failover: false, twoPhase: false, serverVersion: 18 })).toBe(
    'ALTER_REPLICATION_SLOT "s" (FAILOVER false, TWO_PHASE false)',
  );
});

test("altering nothing is refused", () => {
  expect(() => alterReplicationSlot({ slot: "s" })).toThrow(withCode("option_invalid"));
});

test("a slot is dropped at once, or after waiting", () => {
  expect(dropReplicationSlot({ slot: "s" })).toBe('DROP_REPLICATION_SLOT "s"');
  expect(dropReplicationSlot({ slot: "s", wait: false })).toBe('DROP_REPLICATION_SLOT "s"');
  expect(dropReplicationSlot({ slot: "s", wait: true })).toBe('DROP_REPLICATION_SLOT "s" WAIT');
});

test("a slot is read", () => {
  expect(readReplicationSlot({ slot: "s", serverVersion: 15 })).toBe('READ_REPLICATION_SLOT "s"');
});

test("commands that the server does not know yet are refused", () => {
  const unsupported = withCode("option_unsupported");
  expect(() => alterReplicationSlot({ slot: "s", failover: true, serverVersion: 16 })).toThrow(unsupported);
  expect(() => alterReplicationSlot({ slot: "s", twoPhase: false, serverVersion: 17 })).toThrow(unsupported);
  expect(() => readReplicationSlot({ slot: "s", serverVersion: 14 })).toThrow(unsupported);
});

test("a name that no slot can have is refused by each", () => {
  const refused = withCode("identifier_invalid");
  expect(() => alterReplicationSlot({ slot: "S", failover: true })).toThrow(refused);
  expect(() => dropReplicationSlot({ slot: "s; SELECT 1" })).toThrow(refused);
  expect(() => readReplicationSlot({ slot: "" })).toThrow(refused);
});
