import { lsn, type RelationMessage, type Row, unchangedToast } from "@trunkline/protocol";
import type { AnyChange } from "@trunkline/subscription";
import { expect, test } from "vitest";
import { noColours } from "../terminal/colours.ts";
import { changeJson } from "./change-json.ts";
import { changeLine } from "./change-line.ts";

const types: Readonly<Record<string, number>> = { id: 20, doc: 114, raw: 17, tags: 1009 };
const relation = (...names: readonly string[]): RelationMessage =>
  ({
    schema: "public",
    name: "orders",
    replicaIdentity: "default",
    columns: names.map((name) => ({ name, typeOid: types[name] ?? 25, typeModifier: -1, key: name === "id" })),
  }) as unknown as RelationMessage;

const position = { commitLsn: lsn(16n), index: 0 };
const transaction = { xid: 7, committedAt: new Date(0), commitLsn: lsn(16n) };
const both = (change: AnyChange) => {
  const item = { type: "change", change, transaction } as const;
  const line = changeLine(item, noColours).replace("1970-01-01T00:00:00.000Z 0/10 ", "");
  const {
    position: _position,
    lsn: _lsn,
    xid: _xid,
    committedAt: _committedAt,
    ...json
  } = JSON.parse(changeJson(item));
  return { line, json };
};
const insert = (row: Row, names = Object.keys(row)): AnyChange => ({
  kind: "insert",
  table: "orders",
  position,
  relation: relation(...names),
  new: row,
});

test("each line begins with when and where it was committed", () => {
  const item = { type: "change", change: insert({ id: 1n }), transaction } as const;
  expect(changeLine(item, noColours)).toBe("1970-01-01T00:00:00.000Z 0/10 insert orders id=1");
  expect(changeJson(item)).toBe(
    '{"kind":"insert","position":"0000000000000010-00000000000000","lsn":"0/10","xid":7,"committedAt":"1970-01-01T00:00:00.000Z","table":"orders","new":{"id":"1"}}',
  );
});

test("a value that is no plain word is quoted, and a line stays one line", () => {
  expect(
    both(insert({ a: "two words", b: "it's", c: "a\nb\u001b[31m", d: "null", e: null, f: "", "g h": true })).line,
  ).toBe(`insert orders a='two words' b='it''s' c="a\\nb\\u001b[31m" d='null' e=null f='' 'g h'=true`);
  expect(both(insert({ a: "x".repeat(300) })).line).toBe(`insert orders a='${"x".repeat(200)}… (300 characters)'`);
});

test("JSON holds values exactly: text where its numbers can't, json as it was written", () => {
  const row = { id: 2n ** 62n, x: Number.NaN, raw: Buffer.from([1, 255]), tags: ["a", null], doc: '{"n":\n1.0}' };
  const { json } = both(insert(row));
  expect(json.new).toEqual({ id: "4611686018427387904", x: "NaN", raw: "\\x01ff", tags: ["a", null], doc: { n: 1 } });
  expect(changeJson({ type: "change", change: insert(row), transaction })).toContain('"doc":{"n": 1.0}}');
});

test("a column may have the name of anything that objects have", () => {
  const row = Object.defineProperty({}, "__proto__", { value: "x", enumerable: true }) as Row;
  expect(both(insert(row, ["__proto__"])).line).toBe("insert orders __proto__=x");
  const key: AnyChange = {
    kind: "delete",
    table: "orders",
    position,
    relation: relation("id", "constructor"),
    old: { type: "key", row: { id: 1n } },
  };
  expect(both(key)).toEqual({
    line: "delete orders id=1",
    json: { kind: "delete", table: "orders", old: { type: "key", row: { id: "1" } } },
  });
});

test("an update tells what was different, and which values were left alone", () => {
  const update: AnyChange = {
    kind: "update",
    table: "orders",
    position,
    relation: relation("id", "status", "body"),
    old: { type: "full", row: { id: 1n, status: "new", body: "b" } },
    new: { id: 1n, status: "paid", body: unchangedToast },
  };
  expect(both(update)).toEqual({
    line: "update orders id=1 status=paid body=(unchanged) was status=new",
    json: {
      kind: "update",
      table: "orders",
      old: { type: "full", row: { id: "1", status: "new", body: "b" } },
      new: { id: "1", status: "paid" },
      unchanged: ["body"],
    },
  });
  expect(both({ ...update, old: null })).toMatchObject({
    json: { old: null },
    line: expect.not.stringContaining("was"),
  });
});

test("truncates, messages and tables that were altered have lines of their own", () => {
  const truncate: AnyChange = {
    kind: "truncate",
    position,
    tables: ["orders", "items"],
    relations: [],
    cascade: true,
    restartIdentity: true,
  };
  expect(both(truncate).line).toBe("truncate orders, items (cascade, restart identity)");
  const message: AnyChange = { kind: "message", position, prefix: "p", content: Uint8Array.of(0xff) };
  expect(both(message)).toEqual({
    line: "message p \\xff",
    json: { kind: "message", transactional: true, prefix: "p", contentHex: "ff" },
  });
  const { columns } = relation("note");
  const altered: AnyChange = {
    kind: "relation",
    table: "orders",
    position,
    relation: relation("id", "note"),
    diff: { renamedFrom: undefined, added: columns, removed: [], altered: [], identityFrom: undefined },
  };
  expect(both(altered)).toEqual({
    line: "relation orders (added note)",
    json: {
      kind: "relation",
      table: "orders",
      columns: ["id", "note"],
      added: ["note"],
      removed: [],
      altered: [],
      renamedFrom: null,
    },
  });
  const outside = { type: "message", message: { prefix: "p", content: Buffer.from("hi"), position } } as const;
  expect(changeLine(outside, noColours)).toBe("0/10 message p hi");
  expect(JSON.parse(changeJson(outside))).toMatchObject({ kind: "message", transactional: false, content: "hi" });
});
