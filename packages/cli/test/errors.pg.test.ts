import { type PostgresServer, sharedPostgres } from "@trunkline/testing";
import { beforeAll, expect, test, vi } from "vitest";
import { trunkline } from "./command.ts";

// Each command is a process that compiles its sources: a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000 });

const password = "korrekt/pferd#batterie";

let server: PostgresServer;
beforeAll(async () => {
  server = await sharedPostgres({ hba: ["host all cli_guarded all scram-sha-256"] });
  await using admin = await server.client();
  await admin.query(`DROP ROLE IF EXISTS cli_guarded`);
  await admin.query(`CREATE ROLE cli_guarded LOGIN PASSWORD '${password}'`);
});

function guarded(secret: string): string {
  const url = new URL(server.url);
  url.username = "cli_guarded";
  url.password = encodeURIComponent(secret);
  return url.href;
}

test("a wrong password exits with 3, and is nowhere in the output, with --debug neither", async () => {
  const wrong = "wr0ng-and-secret";
  for (const extra of [[], ["--debug"]]) {
    const said = await trunkline(["doctor", guarded(wrong), ...extra]);
    expect(said).toMatchObject({ exitCode: 3, stdout: "", stderr: expect.stringContaining("password") });
    expect(said.stderr).not.toContain(wrong);
  }
  const byVariable = await trunkline(["doctor"], { env: { ...variables(), PGPASSWORD: wrong } });
  expect(byVariable).toMatchObject({ exitCode: 3, stderr: expect.not.stringContaining(wrong) });
});

const variables = () => ({
  PGHOST: server.host,
  PGPORT: String(server.port),
  PGUSER: "cli_guarded",
  PGDATABASE: "postgres",
});

test("the variables of libpq lead to the database when there is no URL", async () => {
  const said = await trunkline(["doctor"], { env: { ...variables(), PGPASSWORD: password } });
  expect(said).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("as cli_guarded") });
  expect(said.stdout).toContain('ALTER ROLE "cli_guarded" REPLICATION;');
});

test("no server at the address exits with 3 and a sentence, without a stack", async () => {
  const said = await trunkline(["tail", `postgres://me:${encodeURIComponent(password)}@127.0.0.1:1/shop`, "-t", "x"]);
  expect(said).toMatchObject({ exitCode: 3, stdout: "" });
  expect(said.stderr).toMatch(/^trunkline: .*check host and port, and that the server is running\.\n$/);
});

test("a URL that can't be read is refused without showing the password in it", async () => {
  const said = await trunkline(["tail", `postgres://me:${password}@127.0.0.1:1/shop`, "-t", "x", "--debug"]);
  expect(said).toMatchObject({ exitCode: 2, stdout: "" });
  for (const part of password.split(/\W/)) expect(said.stderr).not.toContain(part);
});

test("a database that does not exist exits with 3", async () => {
  const url = Object.assign(new URL(server.url), { pathname: "/no_such_database" });
  expect(await trunkline(["slots", url.href])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("no_such_database"),
  });
});
