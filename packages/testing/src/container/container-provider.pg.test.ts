import { expect, test } from "vitest";
import { providerContract } from "../../test/provider-contract.ts";
import { startPostgres } from "../start-postgres.ts";
import { findContainerEngine } from "./run-container.ts";

const engine = await findContainerEngine();
const why = `no container engine here (${engine.why}); start one to run these tests`;

providerContract("testcontainers", (context, options) => {
  context.skip(!engine.found, why);
  return startPostgres({ provider: "testcontainers", ...options });
});

test("testcontainers: an engine on this machine publishes the server on loopback, and nowhere else", async (context) => {
  context.skip(!engine.found, why);
  await using server = await startPostgres({ image: "postgres:18" });
  expect(server).toMatchObject({ host: "127.0.0.1", socketDir: undefined, running: true });
  const { getContainerRuntimeClient } = await import("testcontainers");
  const containers = await (await getContainerRuntimeClient()).container.list();
  const published = containers.flatMap(({ Ports }) => Ports).filter(({ PublicPort }) => PublicPort === server.port);
  expect(published.map(({ IP }) => IP)).toEqual(["127.0.0.1"]);
});

test("testcontainers: an image that can't be had is an error with the engine's own words", async (context) => {
  context.skip(!engine.found, why);
  const failed = startPostgres({ image: "trunkline.invalid/no-such-image:0" });
  await expect(failed).rejects.toMatchObject({ code: "container_failed" });
  await expect(failed).rejects.toThrow(/trunkline\.invalid/);
});
