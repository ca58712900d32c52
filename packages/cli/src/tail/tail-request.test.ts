import { expect, test } from "vitest";
import { passes } from "./printable.ts";
import { tailRequest } from "./tail-request.ts";

test("tables without a publication, and all tables, are published for as long as they are watched", () => {
  expect(tailRequest({}, { table: ["orders"], operation: ["insert", "message"] }).publications).toEqual({
    type: "own",
    spec: { tables: ["orders"], operations: ["insert"] },
  });
  expect(tailRequest({}, { allTables: true }).publications).toEqual({ type: "own", spec: {} });
  expect(tailRequest({}, { publication: ["a"], table: ["orders"] }).publications).toEqual({
    type: "named",
    names: ["a"],
  });
  expect(tailRequest({}, {}).publications).toBeUndefined();
});

test("options that contradict each other are a mistake of usage that says why", () => {
  const refused = (flags: Parameters<typeof tailRequest>[1]) => () => tailRequest({}, flags);
  expect(refused({ createSlot: true })).toThrow(/--create-slot needs --slot/);
  expect(refused({ slot: "s", table: ["t"] })).toThrow(/--slot needs --publication/);
  expect(refused({ allTables: true, table: ["t"] })).toThrow(/--all-tables goes with neither/);
  expect(refused({ from: "oops", table: ["t"] })).toThrow(/is no LSN/);
});

test("messages belong to no table, so a filter by tables leaves them out unless they are asked for", () => {
  const message = { type: "message", message: { prefix: "p", content: new Uint8Array(), position: {} } } as never;
  expect(passes(message, tailRequest({}, { table: ["t"] }).filter)).toBe(false);
  expect(passes(message, tailRequest({}, { table: ["t"], operation: ["message"] }).filter)).toBe(true);
  expect(passes(message, tailRequest({}, { allTables: true }).filter)).toBe(true);
});
