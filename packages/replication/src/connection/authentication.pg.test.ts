import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { type PostgresServer, sharedPostgres } from "@trunkline/testing";
import { beforeAll, expect, test } from "vitest";
import type { ConnectionOptions } from "../options/connection-options.ts";
import { Secret } from "../options/secret.ts";
import { connect } from "./connect.ts";

let server: PostgresServer;

/** Roles with one password, of which the server keeps an md5 or a SCRAM hash; pg_hba asks each for another method. */
const password = "pä ss\u00a0word\u2168"; // SASLprep makes the no-break space a space and the roman numeral "IX"

beforeAll(async () => {
  const lines = [
    "host all plain 127.0.0.1/32 password",
    "host all hashed 127.0.0.1/32 md5",
    "hostnossl all bound 127.0.0.1/32 scram-sha-256",
    "hostssl all bound 127.0.0.1/32 scram-sha-256",
    "host all scrambled 127.0.0.1/32 scram-sha-256",
    "host all hasty 127.0.0.1/32 scram-sha-256",
    "host all refused 127.0.0.1/32 reject",
    "host all enciphered 127.0.0.1/32 trust",
  ];
  server = await sharedPostgres({ ssl: true, hba: lines });
  await using admin = await server.client();
  const roles = [
    ["plain", "scram-sha-256"],
    ["hashed", "md5"],
    ["scrambled", "scram-sha-256"],
    ["bound", "scram-sha-256"],
    ["refused", "scram-sha-256"],
  ] as const;
  for (const [role, encryption] of roles) {
    await admin.query(`SET password_encryption = '${encryption}'`);
    const known = await admin.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
    if (known.rowCount === 0) await admin.query(`CREATE ROLE ${role} LOGIN REPLICATION PASSWORD '${password}'`);
  }
});

const as = (user: string, more: ConnectionOptions = {}): ConnectionOptions => {
  return { host: "127.0.0.1", port: server.port, user, password, database: "postgres", ...more };
};

/** Connects, and answers who the server says we are, over what. */
async function whoAmI(options: ConnectionOptions): Promise<string> {
  const session = await connect(options);
  try {
    const [result] = await session.query("SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    const [user, ssl] = result?.rows[0] ?? [];
    return `${user} ${session.transport} ${ssl}`;
  } finally {
    await session.close();
  }
}

const trusted = (): ConnectionOptions => ({ connectionString: server.url });
const ca = (): string => server.certificates?.ca ?? "";

test("trust: nobody is asked for a password", async () => {
  expect(await whoAmI({ ...trusted(), requireAuth: "none" })).toMatch(/ tcp f$/);
});

test.each([
  ["cleartext", "plain", "password"],
  ["md5", "hashed", "md5"],
  ["SCRAM-SHA-256", "scrambled", "scram-sha-256"],
] as const)("%s, in plain and over TLS", async (_, user, requireAuth) => {
  expect(await whoAmI(as(user, { requireAuth }))).toBe(`${user} tcp f`);
  expect(await whoAmI(as(user, { requireAuth, ssl: { ca: ca() } }))).toBe(`${user} tls t`);
});

test("SCRAM-SHA-256-PLUS binds to the channel over TLS, and cannot without", async () => {
  expect(await whoAmI(as("bound", { ssl: { ca: ca() }, channelBinding: "require" }))).toBe("bound tls t");
  expect(await whoAmI(as("bound", { ssl: { ca: ca() }, channelBinding: "disable" }))).toBe("bound tls t");
  const error = { name: "AuthenticationError" };
  await expect(connect(as("bound", { channelBinding: "require" }))).rejects.toMatchObject(error);
});

test("a password that was stored with few SCRAM iterations is good, as it is for libpq", async () => {
  await using admin = await server.client();
  await admin.query("DROP ROLE IF EXISTS hasty");
  await admin.query(`CREATE ROLE hasty LOGIN REPLICATION PASSWORD '${storedPassword("quick", 1000)}'`);
  expect(await whoAmI(as("hasty", { password: "quick", requireAuth: "scram-sha-256" }))).toBe("hasty tcp f");
});

/** What a server keeps of a password, given to it ready-made: `scram_iterations` is a setting since PostgreSQL 16 only. */
function storedPassword(text: string, iterations: number): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(text, salt, iterations, 32, "sha256");
  const key = (name: string): Buffer => createHmac("sha256", salted).update(name).digest();
  const storedKey = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${key("Server Key").toString("base64")}`;
}

test("a password function is asked, and its Secret is accepted", async () => {
  expect(await whoAmI(as("scrambled", { password: async () => new Secret(password) }))).toBe("scrambled tcp f");
});

test.each(["plain", "hashed", "scrambled"])("a wrong password for %s is the server's own error", async (user) => {
  const error = { name: "PostgresError", code: "28P01", condition: "invalid_password" };
  await expect(connect(as(user, { password: "wrong" }))).rejects.toMatchObject(error);
});

test("a role that pg_hba rejects gets the server's own error", async () => {
  await expect(connect(as("refused"))).rejects.toMatchObject({ name: "PostgresError", code: "28000" });
});

test("a database that is missing is the server's own error", async () => {
  const missing = { ...trusted(), database: "nowhere" };
  await expect(connect(missing)).rejects.toMatchObject({ code: "3D000", condition: "invalid_catalog_name" });
});

test("TLS by the words of a connection string", async () => {
  const url = (mode: string): string => `${server.url}?sslmode=${mode}`;
  expect(await whoAmI({ connectionString: url("no-verify") })).toMatch(/ tls t$/);
  expect(await whoAmI({ connectionString: url("prefer") })).toMatch(/ tls t$/);
  expect(await whoAmI({ connectionString: url("disable") })).toMatch(/ tcp f$/);
  for (const mode of ["require", "verify-full"]) {
    await expect(connect({ connectionString: url(mode) })).rejects.toMatchObject({ kind: "tls_failed" });
  }
});

test("a Unix socket by directory, by path and by URL, without TLS whatever ssl says", async () => {
  const { socketDir: directory, port } = server;
  if (directory === undefined) throw new Error("An embedded server has a socket.");
  const database = "postgres";
  const role = decodeURIComponent(new URL(server.url).username);
  expect(await whoAmI({ socketDir: directory, port, user: role, database, ssl: true })).toMatch(/ unix f$/);
  expect(await whoAmI({ socket: `${directory}/.s.PGSQL.${port}`, user: role, database })).toMatch(/ unix f$/);
  const url = `postgres://${role}@${encodeURIComponent(directory)}:${port}/${database}`;
  expect(await whoAmI({ connectionString: url })).toMatch(/ unix f$/);
});

test("PX-12: a primary is no secondary", async () => {
  const session = await connect({ ...trusted(), targetServerType: "primary" });
  await session.close();
  await expect(connect({ ...trusted(), targetServerType: "secondary" })).rejects.toMatchObject({
    kind: "wrong_server_type",
  });
});

test("R28 PX-14: a physical replication session connects first time", async () => {
  const physical = { ...trusted(), parameters: { replication: true }, targetServerType: "primary" } as const;
  const session = await connect(physical);
  const [system] = await session.query("IDENTIFY_SYSTEM");
  expect(system?.command).toBe("identify_system");
  expect(system?.columns).toEqual(["systemid", "timeline", "xlogpos", "dbname"]);
  await session.close();
});
