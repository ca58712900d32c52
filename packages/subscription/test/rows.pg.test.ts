import { unchangedToast } from "@trunkline/protocol";
import { expect, test } from "vitest";
import type { AnyChange } from "../src/stream/change.ts";
import { startSubscription, stopSubscription } from "../src/subscription.ts";
import { quiet, source, until } from "./source.ts";

const shown = (change: AnyChange): unknown => {
  const { relation: _relation, relations: _relations, position, ...rest } = { relation: 0, relations: 0, ...change };
  return { ...rest, index: position.index };
};

test("rows are what the server sent: old tuples, unchanged TOAST, truncate, partition roots, DDL and messages", async () => {
  const { database, options } = await source();
  await using _ = database;
  await database.query("CREATE TABLE fat (id int PRIMARY KEY, body text, n int)");
  await database.query("ALTER TABLE fat ALTER body SET STORAGE EXTERNAL");
  await database.query("CREATE TABLE full_fat (id int PRIMARY KEY, body text, n int)");
  await database.query("ALTER TABLE full_fat ALTER body SET STORAGE EXTERNAL");
  await database.query("ALTER TABLE full_fat REPLICA IDENTITY FULL");
  await database.query("CREATE SCHEMA audit");
  await database.query("CREATE TABLE audit.parts (id int PRIMARY KEY) PARTITION BY RANGE (id)");
  await database.query("CREATE TABLE audit.part_1 PARTITION OF audit.parts FOR VALUES FROM (0) TO (100)");
  const seen: unknown[] = [];
  const alone: unknown[] = [];
  const ref = await startSubscription(
    {
      ...options,
      publications: { name: "all_pub", tables: ["fat", "full_fat", "audit.parts"] },
      onChange: (change) => void seen.push(shown(change)),
      onMessage: { mine: ({ prefix, content }) => void alone.push([prefix, Buffer.from(content).toString()]) },
    },
    quiet,
  );
  const body = "x".repeat(5000);
  const steps: readonly [sql: string, expected: readonly unknown[]][] = [
    [
      "INSERT INTO fat VALUES (1, repeat('x', 5000), 1)",
      [{ kind: "insert", table: "fat", new: { id: 1, body, n: 1 }, index: 0 }],
    ],
    [
      "UPDATE fat SET n = 2",
      [{ kind: "update", table: "fat", old: null, new: { id: 1, body: unchangedToast, n: 2 }, index: 0 }],
    ],
    [
      "UPDATE fat SET id = 2",
      [
        {
          kind: "update",
          table: "fat",
          old: { type: "key", row: { id: 1 } },
          new: { id: 2, body: unchangedToast, n: 2 },
          index: 0,
        },
      ],
    ],
    ["DELETE FROM fat", [{ kind: "delete", table: "fat", old: { type: "key", row: { id: 2 } }, index: 0 }]],
    [
      "INSERT INTO full_fat VALUES (1, repeat('x', 5000), 1)",
      [{ kind: "insert", table: "full_fat", new: { id: 1, body, n: 1 }, index: 0 }],
    ],
    [
      "UPDATE full_fat SET n = 2",
      [
        {
          kind: "update",
          table: "full_fat",
          old: { type: "full", row: { id: 1, body, n: 1 } },
          new: { id: 1, body, n: 2 },
          index: 0,
        },
      ],
    ],
    [
      "TRUNCATE fat, full_fat RESTART IDENTITY",
      [{ kind: "truncate", tables: ["fat", "full_fat"], cascade: false, restartIdentity: true, index: 0 }],
    ],
    ["INSERT INTO audit.part_1 VALUES (7)", [{ kind: "insert", table: "audit.parts", new: { id: 7 }, index: 0 }]],
    [
      "SELECT pg_logical_emit_message(true, 'inner', 'a')",
      [{ kind: "message", prefix: "inner", content: Uint8Array.of(97), index: 0 }],
    ],
  ];
  const wanted: unknown[] = [];
  for (const [sql, expected] of steps) {
    await database.query(sql);
    wanted.push(...expected);
    await until(() => seen.length === wanted.length);
    expect(seen.at(-1)).toEqual(wanted.at(-1));
  }
  await database.query("SELECT pg_logical_emit_message(false, 'theirs', 'b')");
  await database.query("SELECT pg_logical_emit_message(false, 'mine', 'c')");
  await database.query("ALTER TABLE fat ADD more int");
  await database.query("INSERT INTO fat VALUES (3, 'y', 1, 4)");
  await until(() => seen.length === wanted.length + 2);
  expect(seen.at(-2)).toMatchObject({
    kind: "relation",
    table: "fat",
    index: 0,
    diff: { added: [{ name: "more" }], removed: [], altered: [] },
  });
  expect(seen.at(-1)).toMatchObject({ kind: "insert", new: { more: 4 }, index: 0 });
  await stopSubscription(ref);
  expect(alone).toEqual([["mine", "c"]]);
});

test('snapshot: "initial" copies what is there and streams the rest, with no gap and no overlap while others write', async () => {
  const { database, options } = await source();
  await using _ = database;
  await database.query("INSERT INTO things SELECT generate_series(1, 1000)");
  await database.query("CREATE PUBLICATION things_pub FOR TABLE things WITH (publish_via_partition_root = true)");
  const copied: number[] = [];
  const streamed: number[] = [];
  const idOf = (row: object): number => ("id" in row ? Number(row.id) : -1);
  let writing = true;
  const writer = (async () => {
    let id = 1000;
    while (writing) await database.query("INSERT INTO things VALUES ($1)", [++id]);
    return id;
  })();
  const ref = await startSubscription(
    {
      ...options,
      publications: "things_pub",
      snapshot: "initial",
      onSnapshot: { onRows: (_relation, rows) => void copied.push(...rows.map(idOf)) },
      onChange: (change) => void (change.kind === "insert" && streamed.push(idOf(change.new))),
    },
    quiet,
  );
  await until(() => streamed.length > 20);
  writing = false;
  const last = await writer;
  await until(() => streamed.at(-1) === last);
  await stopSubscription(ref);
  const all = [...copied.toSorted((a, b) => a - b), ...streamed];
  expect(all).toEqual(Array.from({ length: last }, (_value, index) => index + 1));
});
