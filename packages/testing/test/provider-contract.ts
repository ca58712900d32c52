import { expect, type TestContext, test } from "vitest";
import { createCertificateAuthority, type PostgresServer, type StartPostgresOptions } from "../src/index.ts";

/** Starts a server of one provider, or skips the test with a sentence where that provider can't be. */
export type Start = (context: TestContext, options?: StartPostgresOptions) => Promise<PostgresServer>;

/** What every provider of servers of our own has to do; `provider` begins the names of the tests. */
export function providerContract(provider: string, start: Start): void {
  test(`${provider}: a started server decodes logically and can prepare transactions`, async (context) => {
    await using server = await start(context);
    await using client = await server.client();
    const rows = await client.query(
      "SELECT name, setting FROM pg_settings WHERE name IN ('wal_level', 'max_prepared_transactions') ORDER BY name DESC",
    );
    expect(rows.rows[0]).toEqual({ name: "wal_level", setting: "logical" });
    expect(Number(rows.rows[1]?.setting)).toBeGreaterThan(0);
  });

  test(`${provider}: the version that was asked for is the one that answers`, async (context) => {
    await using server = await start(context, { version: 16 });
    expect(server.version).toBe(16);
    expect(server.serverVersion).toMatch(/^16\.\d+/);
    expect(new URL(server.url).hostname).toBe(server.host);
  });

  test(`${provider}: a stopped server starts again with its data, its port and new settings`, async (context) => {
    await using server = await start(context);
    await using database = await server.database();
    await database.query("CREATE TABLE kept AS SELECT 1 AS n");
    await server.stop();
    expect(server.running).toBe(false);
    await expect(server.client()).rejects.toThrow(/ECONNREFUSED|ECONNRESET|terminated unexpectedly/);
    await expect(server.database()).rejects.toMatchObject({ code: "server_stopped" });
    await server.reload({ max_wal_senders: "7" });
    await server.start();
    expect(await database.query("SELECT n, current_setting('max_wal_senders') AS senders FROM kept")).toEqual([
      { n: 1, senders: "7" },
    ]);
  });

  test(`${provider}: an immediate stop is a crash that the next start recovers from`, async (context) => {
    await using server = await start(context);
    await using client = await server.client();
    await client.query("CREATE TABLE survivor ()");
    await server.stop("immediate");
    await server.start();
    expect(server.log()).toContain("database system was not properly shut down");
    await using again = await server.client();
    expect((await again.query("SELECT to_regclass('survivor') IS NOT NULL AS there")).rows).toEqual([{ there: true }]);
  });

  test(`${provider}: a crash that nobody asked for is seen, and the server starts again`, async (context) => {
    await using server = await start(context);
    await using client = await server.client();
    const lost = new Promise((resolve) => client.once("end", resolve));
    const kill = client.query(`COPY (SELECT 1) TO PROGRAM 'read -r pid <postmaster.pid; kill -QUIT "$pid"; cat'`);
    await Promise.all([lost, expect(kill).rejects.toThrow()]);
    await server.stop(); // resolves once the last of its processes is gone
    expect(server.running).toBe(false);
    await server.start();
    expect(server.running).toBe(true);
  });

  test(`${provider}: reload answers when new sessions see the setting, and null takes it back`, async (context) => {
    await using server = await start(context);
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

  test(`${provider}: lines for pg_hba.conf come before the trusting ones`, async (context) => {
    await using server = await start(context, { hba: ["host all guarded 127.0.0.1/32 scram-sha-256"] });
    await using admin = await server.client();
    await admin.query("CREATE ROLE guarded LOGIN PASSWORD 'it''s me'");
    await using guarded = await server.client({ user: "guarded", password: "it's me" });
    expect((await guarded.query("SELECT current_user AS me")).rows).toEqual([{ me: "guarded" }]);
    const wrong = server.client({ user: "guarded", password: "no" });
    await expect(wrong).rejects.toMatchObject({ code: "28P01" });
  });

  test(`${provider}: a server with ssl proves who it is`, async (context) => {
    await using server = await start(context, { ssl: true });
    await using client = await server.client({ ssl: { ca: server.certificates?.ca ?? "" } });
    expect((await client.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).rows).toEqual([
      { ssl: true },
    ]);
    const stranger = server.client({ ssl: { ca: createCertificateAuthority().ca } });
    await expect(stranger).rejects.toThrow(/certificate/);
  });

  test(`${provider}: a server lets in clients by certificate`, async (context) => {
    const authority = createCertificateAuthority();
    const options = { ssl: authority.issue(), hba: ["hostssl all badge 127.0.0.1/32 cert"] };
    await using server = await start(context, options);
    await using admin = await server.client();
    await admin.query("CREATE ROLE badge LOGIN");
    await using client = await server.client({ user: "badge", ssl: authority.issue({ commonName: "badge" }) });
    expect((await client.query("SELECT current_user AS me")).rows).toEqual([{ me: "badge" }]);
  });

  test(`${provider}: a setting the server refuses is an error with the server's own words`, async (context) => {
    const failed = start(context, { settings: { wal_level: "sideways" } });
    await expect(failed).rejects.toMatchObject({ code: "server_failed" });
    await expect(failed).rejects.toThrow(/invalid value for parameter "wal_level"/);
  });

  test(`${provider}: a released server is gone, and releasing it again is nothing`, async (context) => {
    const server = await start(context);
    await server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await expect(server.client()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
}
