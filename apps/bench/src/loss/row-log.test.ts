import { expect, test } from "vitest";
import { allSeen, countRows, rowLog } from "./row-log.ts";

test("a row that no handler has finished is lost, and one that was finished twice is seen once", () => {
  const log = rowLog();
  for (const id of [1, 2, 3]) log.wrote(id);
  for (const id of [1, 3, 3]) log.finish(id);
  expect(countRows(log)).toEqual({ written: 3, seen: 2, lost: 1, again: 1 });
  expect(allSeen(log)).toBe(false);
  log.finish(2);
  expect(countRows(log)).toEqual({ written: 3, seen: 3, lost: 0, again: 1 });
  expect(allSeen(log)).toBe(true);
});

test("waiting for rows ends with the row that was waited for", async () => {
  const log = rowLog();
  log.wrote(1);
  const waited = log.until(allSeen, 60_000);
  log.finish(1);
  expect(await waited).toBe(true);
});

test("waiting for rows that don't come ends without them", async () => {
  const log = rowLog();
  log.wrote(1);
  expect(await log.until(allSeen, 1)).toBe(false);
});
