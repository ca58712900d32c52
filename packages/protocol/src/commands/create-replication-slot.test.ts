import { describe, expect, test } from "vitest";
import { createPhysicalReplicationSlot, createReplicationSlot } from "./create-replication-slot.ts";

const withCode = (code: string) => expect.objectContaining({ name: "ProtocolError", code });
const untyped = <T>(value: unknown): T => value as T;

test("a slot of pgoutput needs a name and no more", () => {
  expect(createReplicationSlot({ slot: "demo" })).toBe('CREATE_REPLICATION_SLOT "demo" LOGICAL "pgoutput"');
  expect(createReplicationSlot({ slot: "demo", temporary: true })).toBe(
    'CREATE_REPLICATION_SLOT "demo" TEMPORARY LOGICAL "pgoutput"',
  );
});

test("another plugin's name is quoted", () => {
  expect(createReplicationSlot({ slot: "demo", plugin: 'my "decoder"' })).toBe(
    'CREATE_REPLICATION_SLOT "demo" LOGICAL "my ""decoder"""',
  );
});

describe("W56: the syntax follows the server, or else the options", () => {
  test.each([
    ["export", "EXPORT_SNAPSHOT"],
    ["use", "USE_SNAPSHOT"],
    ["nothing", "NOEXPORT_SNAPSHOT"],
  ] as const)("snapshot %s is a keyword on 14, and where the server is not known", (snapshot, keyword) => {
    const expected = `CREATE_REPLICATION_SLOT "s" LOGICAL "pgoutput" ${keyword}`;
    expect(createReplicationSlot({ slot: "s", snapshot })).toBe(expected);
    expect(createReplicationSlot({ slot: "s", snapshot, serverVersion: 14 })).toBe(expected);
  });

  test.each([15, 16, 17, 18, 19])("on %d it stands in parentheses", (serverVersion) => {
    expect(createReplicationSlot({ slot: "s", snapshot: "nothing", serverVersion })).toBe(
      `CREATE_REPLICATION_SLOT "s" LOGICAL "pgoutput" (SNAPSHOT 'nothing')`,
    );
    expect(createReplicationSlot({ slot: "s", serverVersion })).toBe('CREATE_REPLICATION_SLOT "s" LOGICAL "pgoutput"');
  });

  test("an option that only parentheses can carry brings them", () => {
    expect(createReplicationSlot({ slot: "s", snapshot: "use", twoPhase: true, failover: true })).toBe(
      `CREATE_REPLICATION_SLOT "s" LOGICAL "pgoutput" (SNAPSHOT 'use', TWO_PHASE, FAILOVER)`,
    );
  });
});

test("a temporary failover slot is refused", () => {
  const run = () => createReplicationSlot({ slot: "s", temporary: true, failover: true });
  expect(run).toThrow(withCode("option_conflict"));
});

test.each([
  [{ twoPhase: true, serverVersion: 14 }, "twoPhase needs PostgreSQL 15; the server is 14."],
  [{ failover: true, serverVersion: 16 }, "failover needs PostgreSQL 17; the server is 16."],
])("%j is refused", (options, text) => {
  const run = () => createReplicationSlot({ slot: "s", ...options });
  expect(run).toThrow(withCode("option_unsupported"));
  expect(run).toThrow(text);
});

test.each([{ snapshot: "exported" }, { temporary: "yes" }, { serverVersion: 150_004 }, { serverVersion: 15.4 }])(
  "the option %j is refused",
  (option) => {
    expect(() => createReplicationSlot({ slot: "s", ...untyped<object>(option) })).toThrow(withCode("option_invalid"));
  },
);

test("a physical slot is written so that every server reads it", () => {
  expect(createPhysicalReplicationSlot({ slot: "p" })).toBe('CREATE_REPLICATION_SLOT "p" PHYSICAL');
  expect(createPhysicalReplicationSlot({ slot: "p", temporary: true, reserveWal: true })).toBe(
    'CREATE_REPLICATION_SLOT "p" TEMPORARY PHYSICAL RESERVE_WAL',
  );
});
