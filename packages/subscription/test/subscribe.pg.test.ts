import { expect, test } from "vitest";
import { subscribe } from "../src/subscribe.ts";
import { quiet, slotOf, source, type Things } from "./source.ts";

test("asking for the next transaction confirms the one before, and leaving the loop confirms nothing", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const read = async (count: number): Promise<number[]> => {
    const ids: number[] = [];
    for await (const transaction of subscribe<Things>({ ...options, ...quiet })) {
      for await (const change of transaction.changes) if (change.kind === "insert") ids.push(change.new.id);
      if (ids.length === count) break;
    }
    return ids;
  };
  // The slot is made by a first loop, which is ended from outside.
  const first = new AbortController();
  const none = (async () => {
    for await (const _transaction of subscribe<Things>({ ...options, ...quiet, signal: first.signal })) return "one";
    return "none";
  })();
  while ((await slotOf(database, slot))?.active !== true);
  first.abort();
  expect(await none).toBe("none");
  expect(await slotOf(database, slot)).toMatchObject({ active: false });

  for (const id of [1, 2, 3]) await database.query("INSERT INTO things VALUES ($1)", [id]);
  expect(await read(2)).toEqual([1, 2]);
  expect(await read(2)).toEqual([2, 3]);
  expect(await read(1)).toEqual([3]);
});

test("confirm() confirms at once, so that the loop may be left", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const loop = (async () => {
    const ids: number[] = [];
    for await (const transaction of subscribe<Things>({ ...options, ...quiet })) {
      for await (const change of transaction.changes) if (change.kind === "insert") ids.push(change.new.id);
      transaction.confirm();
      break;
    }
    return ids;
  })();
  while ((await slotOf(database, slot))?.active !== true);
  await database.query("INSERT INTO things VALUES (1)");
  expect(await loop).toEqual([1]);
  await database.query("INSERT INTO things VALUES (2)");
  for await (const transaction of subscribe<Things>({ ...options, ...quiet })) {
    for await (const change of transaction.changes) expect(change).toMatchObject({ kind: "insert", new: { id: 2 } });
    break;
  }
});

test("what stops the subscription is thrown by the loop", async () => {
  const { database, options } = await source();
  await using _ = database;
  const loop = async (): Promise<void> => {
    for await (const _transaction of subscribe({ ...options, publications: "nowhere", ...quiet })) break;
  };
  await expect(loop()).rejects.toMatchObject({ code: "prerequisites_missing" });
});
