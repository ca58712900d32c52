import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { startPostgres } from "./start-postgres.ts";
import { createCertificateAuthority } from "./tls/certificate-authority.ts";

const own = { settings: { application_name: "trunkline" } }; // an option: a server of our own, whatever the environment says

test("a started server decodes logically and can prepare transactions", async () => {
  await using server = await startPostgres();
  await using client = await server.client();
  const rows = await client.query(
    "SELECT name, setting FROM pg_settings WHERE name IN ('wal_level', 'max_prepared_transactions') ORDER BY name DESC",
  );
  expect(rows.rows[0]).toEqual({ name: "wal_level", setting: "logical" });
  expect(Number(rows.rows[1]?.setting)).toBeGreaterThan(0);
});

test("it is reached over TCP and over its unix socket, and says its version", async () => {
  await using server = await startPostgres({ version: 16 });
  await using tcp = await server.client();
  await using socket = await server.client({ host: server.socketDir ?? "" });
  const sql = "SELECT inet_server_port() AS port";
  expect((await tcp.query(sql)).rows).toEqual([{ port: server.port }]);
  expect((await socket.query(sql)).rows).toEqual([{ port: null }]);
  expect(server.version).toBe(16);
  expect(server.serverVersion).toMatch(/^16\.\d+/);
  expect(new URL(server.url).hostname).toBe(server.host);
});

test("a stopped server starts again with its data, its port and new settings", async () => {
  await using server = await startPostgres(own);
  await using database = await server.database();
  await database.query("CREATE TABLE kept AS SELECT 1 AS n");
  await server.stop();
  expect(server.running).toBe(false);
  await expect(server.client()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await expect(server.database()).rejects.toMatchObject({ code: "server_stopped" });
  await server.reload({ max_wal_senders: "7" });
  await server.start();
  expect(await database.query("SELECT n, current_setting('max_wal_senders') AS senders FROM kept")).toEqual([
    { n: 1, senders: "7" },
  ]);
});

test("an immediate stop is a crash that the next start recovers from", async () => {
  await using server = await startPostgres(own);
  await using client = await server.client();
  await client.query("CREATE TABLE survivor ()");
  await server.stop("immediate");
  await server.start();
  expect(server.log()).toContain("database system was not properly shut down");
  await using again = await server.client();
  expect((await again.query("SELECT to_regclass('survivor') IS NOT NULL AS there")).rows).toEqual([{ there: true }]);
});

test("a crash that nobody asked for is seen", async () => {
  await using server = await startPostgres(own);
  await using client = await server.client();
  const found = await client.query<{ pid: number }>("SELECT pg_read_file('postmaster.pid')::text AS text");
  const pid = Number(String(Object.values(found.rows[0] ?? {})[0]).split("\n")[0]);
  const lost = new Promise((resolve) => client.once("end", resolve));
  process.kill(pid, "SIGQUIT");
  await lost;
  await server.stop(); // resolves once the last of its processes is gone
  expect(server.running).toBe(false);
});

test("reload answers when new sessions see the setting, and null takes it back", async () => {
  await using server = await startPostgres(own);
  const shown = async () => {
    await using client = await server.client();
    return (await client.query("SHOW wal_sender_timeout")).rows[0]?.wal_sender_timeout;
  };
  const before = await shown();
  await server.reload({ wal_sender_timeout: "2s" });
  expect(await shown()).toBe("2s");
  await server.reload({ wal_sender_timeout: null });
  expect(await shown()).toBe(before);
});

test("lines for pg_hba.conf come before the trusting ones", async () => {
  await using server = await startPostgres({ hba: ["host all guarded 127.0.0.1/32 scram-sha-256"] });
  await using admin = await server.client();
  await admin.query("CREATE ROLE guarded LOGIN PASSWORD 'it''s me'");
  await using guarded = await server.client({ user: "guarded", password: "it's me" });
  expect((await guarded.query("SELECT current_user AS me")).rows).toEqual([{ me: "guarded" }]);
  const wrong = server.client({ user: "guarded", password: "no" });
  await expect(wrong).rejects.toMatchObject({ code: "28P01" });
});

test("a server with ssl proves who it is", async () => {
  await using server = await startPostgres({ ssl: true });
  await using client = await server.client({ ssl: { ca: server.certificates?.ca ?? "" } });
  expect((await client.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).rows).toEqual([
    { ssl: true },
  ]);
  const stranger = server.client({ ssl: { ca: createCertificateAuthority().ca } });
  await expect(stranger).rejects.toThrow(/certificate/);
});

test("a server lets in clients by certificate", async () => {
  const authority = createCertificateAuthority();
  await using server = await startPostgres({ ssl: authority.issue(), hba: ["hostssl all badge 127.0.0.1/32 cert"] });
  await using admin = await server.client();
  await admin.query("CREATE ROLE badge LOGIN");
  await using client = await server.client({
    user: "badge",
    ssl: authority.issue({ commonName: "badge" }),
  });
  expect((await client.query("SELECT current_user AS me")).rows).toEqual([{ me: "badge" }]);
});

test("a setting the server refuses is an error with the server's own words, and nothing is left", async () => {
  const failed = startPostgres({ settings: { wal_level: "sideways" } });
  await expect(failed).rejects.toMatchObject({ code: "server_failed" });
  await expect(failed).rejects.toThrow(/invalid value for parameter "wal_level"/);
});

test("a released server's directory is gone", async () => {
  const server = await startPostgres(own);
  const directory = server.socketDir ?? "";
  expect(existsSync(directory)).toBe(true);
  await server[Symbol.asyncDispose]();
  expect(existsSync(directory)).toBe(false);
  await server[Symbol.asyncDispose](); // a second time is nothing
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

test("a URL with options for a server of our own is refused", async () => {
  const refused = startPostgres({ url: "postgres://127.0.0.1/postgres", ssl: true });
  await expect(refused).rejects.toMatchObject({ code: "option_invalid" });
});
