import { describe, expect, test } from "vitest";
import { parseSlotRow } from "../slot/slot-facts.ts";
import { type DoctorSubject, judge, wantedOf } from "./doctor.ts";
import type { Facts, PublicationFacts, ServerFacts, TableFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";

const server: ServerFacts = {
  version: 18,
  inRecovery: false,
  walLevel: "logical",
  slots: 0,
  maxSlots: 10,
  senders: 0,
  maxSenders: 10,
  role: "app",
  superuser: false,
  mayReplicate: true,
  database: "shop",
  mayCreate: true,
  serverEncoding: "UTF8",
  walSenderTimeoutMs: 60_000,
  maxSlotWalKeepMegabytes: 1024,
  idleSlotTimeoutSeconds: 0,
  session: {
    client_encoding: "UTF8",
    DateStyle: "ISO, MDY",
    IntervalStyle: "postgres",
    TimeZone: "UTC",
    extra_float_digits: "1",
    bytea_output: "hex",
    standard_conforming_strings: "on",
  },
};
const orders: TableFacts = {
  schema: "public",
  table: "orders",
  kind: "r",
  persistence: "p",
  identity: "d",
  identityColumns: ["id"],
  isPartition: false,
  ancestors: [],
  owned: true,
  readable: true,
  rowSecurity: false,
  columns: ["id", "total"],
  generated: [],
};
const publication: PublicationFacts = {
  name: "shop",
  allTables: false,
  operations: ["insert", "update", "delete", "truncate"],
  viaPartitionRoot: true,
  generatedColumns: false,
  tables: [{ schema: "public", table: "orders", columns: undefined, rowFilter: undefined, filterColumns: [] }],
};
const good: Facts = { server, slot: undefined, publications: [publication], tables: [orders] };
const named: DoctorSubject = { slot: "s", publications: "shop" };
const asked = (spec: Record<string, unknown> = {}): DoctorSubject => ({
  slot: "s",
  publications: { name: "shop", tables: ["orders"], ...spec },
});

const find = (facts: Partial<Facts>, subject: DoctorSubject = named): readonly Finding[] =>
  judge({ ...good, ...facts }, subject).findings;
const codes = (facts: Partial<Facts>, subject?: DoctorSubject): readonly string[] =>
  find(facts, subject).map(({ code, severity }) => `${severity} ${code}`);
const onServer = (change: Partial<ServerFacts>): Partial<Facts> => ({ server: { ...server, ...change } });
const onTable = (change: Partial<TableFacts>): Partial<Facts> => ({ tables: [{ ...orders, ...change }] });
const onPublication = (change: Partial<PublicationFacts>): Partial<Facts> => ({
  publications: [{ ...publication, ...change }],
});

test("nothing is found where all is well", () => {
  expect(judge(good, named)).toEqual({ ready: true, findings: [] });
  expect(judge(good, asked())).toEqual({ ready: true, findings: [] });
  expect(judge({ ...good, publications: [] }, asked())).toEqual({ ready: true, findings: [] });
});

test("everything that is missing is told at once, before warnings and notes", () => {
  const facts: Facts = {
    server: {
      ...server,
      walLevel: "replica",
      mayReplicate: false,
      slots: 10,
      senders: 10,
      maxSlotWalKeepMegabytes: -1,
    },
    slot: undefined,
    publications: [],
    tables: [],
  };
  const { ready, findings } = judge(facts, named);
  expect(ready).toBe(false);
  expect(findings.map(({ code }) => code)).toEqual([
    "wal_level",
    "slots_exhausted",
    "senders_exhausted",
    "role_may_not_replicate",
    "publication_missing",
    "wal_unlimited",
  ]);
});

describe("the server", () => {
  const cases: readonly (readonly [string, Partial<ServerFacts>])[] = [
    ["missing server_too_old", { version: 13 }],
    ["missing standby_too_old", { version: 15, inRecovery: true }],
    ["note standby", { inRecovery: true }],
    ["missing wal_level", { walLevel: "replica" }],
    ["missing slots_exhausted", { slots: 10 }],
    ["missing senders_exhausted", { senders: 10 }],
    ["missing role_may_not_replicate", { mayReplicate: false }],
    ["warning wal_unlimited", { maxSlotWalKeepMegabytes: -1 }],
    ["warning slot_timeout", { idleSlotTimeoutSeconds: 60 }],
    ["warning sender_timeout_off", { walSenderTimeoutMs: 0 }],
    ["warning sender_timeout_short", { walSenderTimeoutMs: 2000 }],
    ["warning encoding_unknown", { serverEncoding: "SQL_ASCII" }],
    ["missing settings_not_pinned", { session: { ...server.session, TimeZone: "Asia/Kolkata" } }],
    ["missing settings_not_pinned", { session: { ...server.session, client_encoding: "LATIN1" } }],
  ];
  test.each(cases)("%s", (expected, change) => {
    expect(codes(onServer(change))).toEqual([expected]);
  });

  test("a full set of slots does not matter when ours exists", () => {
    const slot = parseSlotRow(
      JSON.stringify({ slot_name: "s", slot_type: "logical", plugin: "pgoutput", database: "shop" }),
    );
    expect(codes({ ...onServer({ slots: 10 }), slot })).toEqual([]);
  });
});

describe("the slot", () => {
  const row = { slot_name: "s", slot_type: "logical", plugin: "pgoutput", database: "shop" };
  const cases: readonly (readonly [string, Record<string, unknown>])[] = [
    ["missing slot_unsuitable", { slot_type: "physical" }],
    ["missing slot_unsuitable", { plugin: "wal2json" }],
    ["missing slot_unsuitable", { database: "other" }],
    ["missing slot_unsuitable", { temporary: true }],
    ["missing slot_lost", { wal_status: "lost" }],
    ["missing slot_lost", { invalidation_reason: "idle_timeout" }],
    ["missing slot_two_phase", { two_phase: true }],
  ];
  test.each(cases)("%s %o", (expected, change) => {
    expect(codes({ slot: parseSlotRow(JSON.stringify({ ...row, ...change })) })).toEqual([expected]);
  });

  test("trap 12: a slot that is older than its publication is told, and what it means on this version", () => {
    const slot = parseSlotRow(JSON.stringify(row));
    const told = (version: number) =>
      find({ ...onServer({ version }), slot, publications: [] }).find(({ code }) => code === "slot_before_publication");
    expect(told(18)?.what).toContain("skips the changes");
    expect(told(17)?.what).toContain("decoding fails at the first change");
    expect(told(17)?.sql).toEqual(["SELECT pg_drop_replication_slot('s')"]);
  });
});

describe("a publication that is only named", () => {
  test("must exist, and should have tables", () => {
    expect(codes({ publications: [] })).toEqual(["missing publication_missing"]);
    expect(codes(onPublication({ tables: [] }))).toEqual(["warning publication_empty"]);
  });
});

describe("a publication to be created", () => {
  const none = { publications: [] };
  test("needs the privilege, the tables, and their ownership", () => {
    expect(codes({ ...none, ...onServer({ mayCreate: false }) }, asked())).toEqual([
      "missing publication_needs_create",
    ]);
    expect(codes({ ...none, tables: [] }, asked())).toEqual(["missing table_missing"]);
    expect(codes({ ...none, ...onTable({ owned: false }) }, asked())).toEqual(["missing publication_needs_owner"]);
    expect(codes(none, { slot: "s", publications: { name: "shop" } })).toEqual(["missing publication_needs_superuser"]);
    expect(codes(none, asked({ schemas: ["audit"] }))).toEqual(["missing publication_needs_superuser"]);
  });

  test("holds no views, nor what is not logged", () => {
    expect(codes({ ...none, ...onTable({ kind: "v" }) }, asked())).toEqual(["missing table_unsuitable"]);
    expect(find({ ...none, ...onTable({ persistence: "u" }) }, asked())).toMatchObject([
      { code: "table_unsuitable", sql: ['ALTER TABLE "public"."orders" SET LOGGED'] },
    ]);
  });

  test("needs a server that has what it asks for", () => {
    const old = { ...none, ...onServer({ version: 14, superuser: true }) };
    expect(codes(old, asked({ schemas: ["audit"] }))).toEqual(["missing publication_unsupported"]);
    const filtered = { tables: [{ table: "orders", where: "total > 1" }] };
    expect(codes(old, asked(filtered))).toEqual(["missing publication_unsupported"]);
    const listed = { tables: [{ table: "orders", columns: ["id"] }] };
    expect(codes(old, asked(listed))).toEqual(["missing publication_unsupported"]);
    expect(codes({ ...none, ...onServer({ version: 17 }) }, asked({ generatedColumns: true }))).toEqual([
      "missing publication_unsupported",
    ]);
  });

  test("is judged by its tables as if it existed", () => {
    expect(codes({ ...none, ...onTable({ identityColumns: [] }) }, asked())).toEqual(["missing identity_missing"]);
    const all = { slot: "s", publications: { name: "shop" } };
    const facts = { ...none, server: { ...server, superuser: true }, ...onTable({ identityColumns: [] }) };
    expect(codes(facts, all)).toEqual(["missing identity_missing"]);
  });
});

describe("a publication that exists and should be as asked", () => {
  test("is told where it differs, with the statement for whoever made it", () => {
    expect(find(onPublication({ operations: ["insert"] }), asked())).toMatchObject([
      {
        code: "publication_differs",
        what: "Publication shop does not publish update, delete, truncate.",
        sql: [
          "ALTER PUBLICATION \"shop\" SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)",
        ],
      },
    ]);
    expect(find({}, asked({ operations: ["insert"] }))[0]?.what).toBe(
      "Publication shop publishes update, delete, truncate too.",
    );
    expect(codes(onPublication({ viaPartitionRoot: false }), asked())).toEqual(["missing publication_differs"]);
    expect(codes({}, asked({ generatedColumns: true }))).toEqual(["missing publication_differs"]);
  });

  test("is told which tables it lacks", () => {
    expect(find(onPublication({ tables: [] }), asked())).toMatchObject([
      { code: "publication_lacks_table", sql: ['ALTER PUBLICATION "shop" ADD TABLE "public"."orders"'] },
    ]);
    expect(codes(onPublication({ tables: [] }), { slot: "s", publications: { name: "shop" } })).toEqual([
      "missing publication_lacks_table",
    ]);
    expect(codes(onPublication({ tables: [] }), asked({ tables: undefined, schemas: ["public"] }))).toEqual([
      "missing publication_lacks_table",
    ]);
  });

  test("is told where a table's columns or its row filter differ", () => {
    const members = (change: object) => onPublication({ tables: publication.tables.map((t) => ({ ...t, ...change })) });
    expect(find(members({ columns: ["id"] }), asked())[0]?.what).toBe(
      "Publication shop publishes public.orders with only the columns id.",
    );
    const listed = asked({ tables: [{ table: "orders", columns: ["id", "total"] }] });
    expect(find({}, listed)[0]?.what).toBe("Publication shop publishes public.orders with all columns.");
    expect(find(members({ columns: ["total", "id"] }), listed)).toEqual([]);
    expect(codes(members({ rowFilter: "(total > 1)" }), asked())).toEqual(["missing publication_differs"]);
    expect(codes({}, asked({ tables: [{ table: "orders", where: "id > 1" }] }))).toEqual([
      "missing publication_differs",
    ]);
  });
});

describe("a published table", () => {
  test("needs a replica identity when updates or deletes are published", () => {
    expect(codes(onTable({ identityColumns: [] }))).toEqual(["missing identity_missing"]);
    expect(codes(onTable({ identity: "n", identityColumns: [] }))).toEqual(["missing identity_missing"]);
    expect(codes(onTable({ identity: "f", identityColumns: [] }))).toEqual([]);
    const inserts = { ...onTable({ identityColumns: [] }), ...onPublication({ operations: ["insert", "truncate"] }) };
    expect(codes(inserts)).toEqual([]);
  });

  test("has its identity in the column list, and its row filter within its identity", () => {
    const members = (change: object) => onPublication({ tables: publication.tables.map((t) => ({ ...t, ...change })) });
    expect(codes(members({ columns: ["total"] }))).toEqual(["missing identity_not_published"]);
    expect(codes(members({ rowFilter: "(total > 1)", filterColumns: ["total"] }))).toEqual([
      "missing filter_outside_identity",
    ]);
    expect(codes(members({ rowFilter: "(id > 1)", filterColumns: ["id"] }))).toEqual([]);
  });

  test("is judged where its rows are written, in the leaves of a partitioned table", () => {
    const root: TableFacts = { ...orders, kind: "p", identityColumns: [] };
    const leaf: TableFacts = { ...orders, table: "orders_1", isPartition: true, ancestors: ["public.orders"] };
    expect(codes({ tables: [root, leaf] })).toEqual([]);
    expect(find({ tables: [root, { ...leaf, identityColumns: [] }] })).toMatchObject([
      { code: "identity_missing", sql: ['ALTER TABLE "public"."orders_1" REPLICA IDENTITY FULL'] },
    ]);
  });

  test("has its generated columns noted where they do not come", () => {
    const generated = onTable({ generated: ["total"] });
    expect(codes(generated)).toEqual(["note generated_not_published"]);
    expect(codes({ ...generated, ...onPublication({ generatedColumns: true }) })).toEqual([]);
  });

  test("must be readable in whole for a snapshot, and need not be for a stream", () => {
    const copied = { ...named, snapshot: "initial" as const };
    expect(codes(onTable({ readable: false }), copied)).toEqual(["missing table_not_readable"]);
    expect(codes(onTable({ rowSecurity: true }), copied)).toEqual(["missing row_security"]);
    expect(codes(onTable({ readable: false, rowSecurity: true }))).toEqual([]);
  });
});

describe("several publications", () => {
  const two: DoctorSubject = { slot: "s", publications: ["shop", "more"] };
  test("agree on partitions and on each table's columns", () => {
    const more = { ...publication, name: "more" };
    expect(codes({ publications: [publication, more] }, two)).toEqual([]);
    expect(codes({ publications: [publication, { ...more, viaPartitionRoot: false }] }, two)).toEqual([
      "warning partitions_mixed",
    ]);
    const listed = { ...more, tables: more.tables.map((table) => ({ ...table, columns: ["id"] })) };
    expect(codes({ publications: [publication, listed] }, two)).toEqual(["missing column_lists_differ"]);
  });
});

test("no publication, or one without a name, is refused", () => {
  expect(() => wantedOf({ publications: [] })).toThrow(/names none/);
  expect(() => wantedOf({ publications: "" })).toThrow(/names none/);
  expect(() => wantedOf({ publications: { name: "p", tables: [] } })).toThrow(/empty list/);
});

test("failover needs PostgreSQL 17, and a slot that was made without it is told", () => {
  const subject: DoctorSubject = { ...named, failover: true };
  const old = judge({ ...good, server: { ...server, version: 16 } }, subject);
  expect(old).toMatchObject({ ready: false, findings: [{ code: "slot_failover_unsupported", severity: "missing" }] });
  const slotWith = (failover: boolean) =>
    parseSlotRow(
      JSON.stringify({ slot_name: "s", slot_type: "logical", plugin: "pgoutput", database: "shop", failover }),
    );
  const without = judge({ ...good, slot: slotWith(false) }, subject);
  expect(without).toMatchObject({ ready: true, findings: [{ code: "slot_not_failover", severity: "warning" }] });
  expect(without.findings[0]?.afterwards).toContain('ALTER_REPLICATION_SLOT "s" (FAILOVER true)');
  expect(judge({ ...good, slot: slotWith(true) }, subject)).toEqual({ ready: true, findings: [] });
  expect(judge({ ...good, slot: slotWith(false) }, named)).toEqual({ ready: true, findings: [] });
});
