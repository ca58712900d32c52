import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { providerContract } from "../test/provider-contract.ts";
import { startPostgres } from "./start-postgres.ts";

const own = { settings: { application_name: "trunkline" } }; // an option: a server of our own, whatever the environment says

providerContract("embedded", (_context, options) => startPostgres({ provider: "embedded", ...options }));

test("an embedded server is reached over TCP and over its unix socket", async () => {
  await using server = await startPostgres({ provider: "embedded" });
  await using tcp = await server.client();
  await using socket = await server.client({ host: server.socketDir ?? "" });
  const sql = "SELECT inet_server_port() AS port";
  expect((await tcp.query(sql)).rows).toEqual([{ port: server.port }]);
  expect((await socket.query(sql)).rows).toEqual([{ port: null }]);
});

test("a released embedded server's directory is gone", async () => {
  const server = await startPostgres({ provider: "embedded" });
  const directory = server.socketDir ?? "";
  expect(existsSync(directory)).toBe(true);
  await server[Symbol.asyncDispose]();
  expect(existsSync(directory)).toBe(false);
});

test("a server given by URL is used as it is, and refuses to be controlled", async () => {
  await using server = await startPostgres(own);
  const given = await startPostgres({ url: server.url });
  await using database = await given.database();
  expect(await database.query("SELECT 1 AS n")).toEqual([{ n: 1 }]);
  await expect(given.stop()).rejects.toMatchObject({ code: "not_controllable" });
  await given[Symbol.asyncDispose]();
  expect(server.running).toBe(true);
});

test("a server given by URL that can't serve tests is refused with the SQL that helps", async () => {
  await using server = await startPostgres({ settings: { wal_level: "replica", max_prepared_transactions: "0" } });
  const refused = startPostgres({ url: server.url });
  await expect(refused).rejects.toMatchObject({ code: "server_unsuitable" });
  await expect(refused).rejects.toThrow(/ALTER SYSTEM SET wal_level = 'logical'; -- is replica/);
});
