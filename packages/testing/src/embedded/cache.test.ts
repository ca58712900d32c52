import { chown, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cacheDirectory, exists, publishDirectory } from "./cache.ts";

let scratch = "";
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "trunkline-cache-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(scratch, { recursive: true, force: true });
});

test("a directory is built once, and seen only when it is complete", async () => {
  const target = join(scratch, "made");
  let builds = 0;
  const build = async (staging: string) => {
    builds += 1;
    await writeFile(join(staging, "a"), "a");
    expect(await exists(target)).toBe(false);
  };
  await publishDirectory(target, build);
  await publishDirectory(target, build);
  expect(builds).toBe(1);
  expect(await readdir(scratch)).toEqual(["made"]);
});

test("of several who build at once one wins and nobody fails", async () => {
  const target = join(scratch, "made");
  let waiting = 0;
  let go = () => {};
  const all = new Promise<void>((resolve) => {
    go = resolve;
  });
  const build = async (staging: string) => {
    await writeFile(join(staging, "a"), "a");
    waiting += 1;
    if (waiting === 3) go();
    await all;
  };
  await Promise.all([1, 2, 3].map(() => publishDirectory(target, build)));
  expect(await readdir(scratch)).toEqual(["made"]);
});

test("a build that fails leaves nothing, and the next one may succeed", async () => {
  const target = join(scratch, "made");
  await expect(publishDirectory(target, () => Promise.reject(new Error("no luck")))).rejects.toThrow("no luck");
  expect(await readdir(scratch)).toEqual([]);
});

test("what a builder left that is no longer alive is removed", async () => {
  const target = join(scratch, "made");
  await publishDirectory(`${target}.staging-999999999-abcd`, async () => {});
  await publishDirectory(target, async () => {});
  expect(await readdir(scratch)).toEqual(["made"]);
});

test("the cache is where the environment says", async () => {
  vi.stubEnv("TRUNKLINE_TESTING_CACHE", join(scratch, "deep", "cache"));
  expect(await cacheDirectory({ type: "self" })).toBe(join(scratch, "deep", "cache"));
});

test("a cache that belongs to somebody else, or is no directory, is refused", async () => {
  const file = join(scratch, "file");
  await writeFile(file, "");
  const foreign = join(scratch, "foreign");
  await mkdir(foreign);
  if (process.getuid?.() === 0) await chown(foreign, 65534, 65534);
  for (const path of [file, process.getuid?.() === 0 ? foreign : "/"]) {
    vi.stubEnv("TRUNKLINE_TESTING_CACHE", path);
    await expect(cacheDirectory({ type: "self" })).rejects.toMatchObject({ code: "cache_untrusted" });
  }
});
