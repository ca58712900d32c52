import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { ContainerLog } from "./container-log.ts";
import { fromAnywhere } from "./container-provider.ts";
import { runContainer } from "./run-container.ts";

test("without the package testcontainers the error says how to install it", async () => {
  const started = runContainer("postgres:18", () => Promise.reject(new Error("Cannot find package 'testcontainers'")));
  await expect(started).rejects.toMatchObject({ code: "testcontainers_missing" });
  await expect(started).rejects.toThrow(/npm install --save-dev testcontainers@11/);
});

test("without a container engine the error says what to start, or to do without", async () => {
  const load = async () => ({
    ...(await import("testcontainers")),
    getContainerRuntimeClient: () => Promise.reject(new Error("Could not find a working container runtime strategy")),
  });
  const started = runContainer("postgres:18", load);
  await expect(started).rejects.toMatchObject({ code: "engine_missing" });
  await expect(started).rejects.toThrow(
    /working container runtime strategy. Start Docker .*TRUNKLINE_TEST_POSTGRES_URL/,
  );
});

test("a line of pg_hba.conf for loopback is for everybody in a container, whose clients come from the engine", () => {
  expect(fromAnywhere("host all guarded 127.0.0.1/32 scram-sha-256")).toBe("host all guarded all scram-sha-256");
  expect(fromAnywhere("hostssl all all ::1/128 cert")).toBe("hostssl all all all cert");
  expect(fromAnywhere("host all all 10.0.0.0/8 reject")).toBe("host all all 10.0.0.0/8 reject");
  expect(fromAnywhere("local all all trust")).toBe("local all all trust");
});

test("what a wait looks for may come in pieces, and what was said before doesn't count", async () => {
  const stream = new PassThrough();
  const log = new ContainerLog(stream);
  stream.write("ready\n");
  await log.wait(0, (heard) => (heard.includes("ready") ? true : undefined));
  const ready = log.wait(log.length, (heard) => (heard.includes("ready") ? heard : undefined));
  stream.write("rea");
  stream.write("dy again\n");
  expect(await ready).toMatch(/^ready/);
  expect(log.text).toMatch(/^ready\nready/);
});

test("a container that ends while something is awaited is an error with what it said", async () => {
  const stream = new PassThrough();
  const log = new ContainerLog(stream);
  const never = log.wait(0, () => undefined);
  stream.end("initdb: not found\n");
  await expect(never).rejects.toMatchObject({ code: "server_failed" });
  await expect(never).rejects.toThrow(/initdb: not found/);
  expect(log.ended).toBe(true);
});
