import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lsn } from "@trunkline/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Checkpoint } from "./checkpoint.ts";
import { fileCheckpoint } from "./file-checkpoint.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "checkpoint-"));
});
afterEach(() => rm(directory, { recursive: true }));

const at = (position: bigint): Checkpoint => ({ systemId: "71", timeline: 1, slot: "s", lsn: lsn(position) });
const store = () => fileCheckpoint({ path: join(directory, "s.json"), slot: "s" });

test("before the first save there is none", async () => {
  expect(await store().load()).toBeUndefined();
});

test("what was saved last is loaded, as one line that a person can read", async () => {
  const first = store();
  await first.save(at(1n));
  await first.save(at(0x16_b374d848n));
  expect(await store().load()).toEqual(at(0x16_b374d848n));
  expect(await readFile(join(directory, "s.json"), "utf8")).toBe(
    '{"systemId":"71","timeline":1,"slot":"s","lsn":"16/B374D848"}\n',
  );
});

test("saves that overlap end with the last, and leave no other file", async () => {
  const one = store();
  await Promise.all([1n, 2n, 3n, 4n].map((position) => one.save(at(position))));
  expect(await store().load()).toEqual(at(4n));
  expect(await readdir(directory)).toEqual(["s.json"]);
});

test("a save that fails rejects, and the next one is made", async () => {
  const path = join(directory, "gone", "s.json");
  const one = fileCheckpoint({ path, slot: "s" });
  await expect(one.save(at(1n))).rejects.toMatchObject({ code: "ENOENT" });
  const both = await Promise.allSettled([one.save(at(2n)), one.save(at(3n))]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await mkdir(join(directory, "gone"));
  await one.save(at(4n));
  expect(await one.load()).toEqual(at(4n));
});

test("a file that holds no checkpoint is refused, and not taken for none", async () => {
  const bad = ["", "{}", "null", "[]", '{"systemId":"71","timeline":1,"slot":"s","lsn":"x"}', '{"systemId":71}'];
  for (const text of bad) {
    await writeFile(join(directory, "s.json"), text);
    await expect(store().load(), text).rejects.toMatchObject({ code: "checkpoint_malformed" });
  }
});

test("another slot's checkpoint is refused, loaded or saved", async () => {
  await store().save(at(1n));
  const other = fileCheckpoint({ path: join(directory, "s.json"), slot: "other" });
  await expect(other.load()).rejects.toMatchObject({ code: "checkpoint_foreign" });
  await expect(other.save(at(2n))).rejects.toMatchObject({ code: "checkpoint_foreign" });
});
