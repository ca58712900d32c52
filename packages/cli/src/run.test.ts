import { Readable, Writable } from "node:stream";
import { expect, test } from "vitest";
import { run } from "./run.ts";

async function said(...args: readonly string[]) {
  const texts = { stdout: "", stderr: "" };
  const into = (name: "stdout" | "stderr") =>
    new Writable({
      write(chunk, _encoding, done) {
        texts[name] += String(chunk);
        done();
      },
    });
  const exitCode = await run(args, {
    stdin: Readable.from([]),
    stdout: into("stdout"),
    stderr: into("stderr"),
    env: {},
  });
  return { exitCode, ...texts };
}

test("every command has help with examples and its exit codes", async () => {
  for (const command of [[], ["tail"], ["doctor"], ["slots"], ["slots", "drop"], ["inspect"]]) {
    const { exitCode, stdout, stderr } = await said(...command, "--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("Examples:\n  trunkline ");
    expect(stdout).toMatch(/Exit codes/);
  }
});

test("an option or a command that does not exist names the near one, and exits with 2", async () => {
  expect(await said("tail", "--tabel", "x")).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: expect.stringContaining("Did you mean --table?"),
  });
  expect(await said("doctro")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Did you mean doctor?") });
});

test("values that can't be meant are refused before anything is connected", async () => {
  for (const args of [
    ["tail", "-n", "0"],
    ["tail", "-o", "upsert"],
    ["slots", "-i", "0.1"],
    ["inspect", "--port", "x"],
  ]) {
    expect((await said(...args)).exitCode).toBe(2);
  }
  expect(await said("doctor", "mysql://me:secret99@h/d")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("postgres://user@host"),
  });
  expect((await said("doctor", "mysql://me:secret99@h/d", "--debug")).stderr).not.toContain("secret99");
  expect(await said("slots", "postgres://a/b", "--url", "postgres://a/b")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("given twice"),
  });
});
