import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { parseConnectionOptions } from "./parse-options.ts";

const parse = (connectionString: string, environment = {}) =>
  parseConnectionOptions({ connectionString }, { USER: "ann", ...environment });

test("a URL holds host, port, user, password and database", () => {
  const config = parse("postgres://al%40ice:p%2Fw%25@db.example:6543/my%20db");
  expect(config).toMatchObject({ user: "al@ice", database: "my db", tls: { type: "off" } });
  expect(config.endpoints).toEqual([{ type: "tcp", host: "db.example", port: 6543 }]);
  expect(config.password.type === "value" && config.password.secret.reveal()).toBe("p/w%");
});

test("what a URL leaves empty is absent: the environment and the defaults fill it in", () => {
  const environment = { PGHOST: "h", PGPORT: "1234", PGPASSWORD: "x" };
  const config = parse("postgresql:///", environment);
  expect(config).toMatchObject({ user: "ann", database: "ann", password: { type: "value" } });
  expect(config.endpoints).toEqual([{ type: "tcp", host: "h", port: 1234 }]);
});

test("several hosts become endpoints", () => {
  expect(parse("postgres://u@a:1,b,[::1]:3/d", { PGPORT: "9" }).endpoints).toEqual([
    { type: "tcp", host: "a", port: 1 },
    { type: "tcp", host: "b", port: 9 },
    { type: "tcp", host: "::1", port: 3 },
  ]);
});

test.each(["postgres://u@%2Frun%2Fpostgresql/d", "postgres://u@/d?host=/run/postgresql"])(
  "%s names the directory of a socket",
  (url) => {
    expect(parse(url).endpoints).toEqual([{ type: "unix", path: "/run/postgresql/.s.PGSQL.5432" }]);
  },
);

test("options of their own win over the URL", () => {
  const connectionString = "postgres://urluser:pw@urlhost:1/urldb";
  const config = parseConnectionOptions({ connectionString, host: "h", user: "u", database: "d" }, {});
  expect(config).toMatchObject({ user: "u", database: "d", endpoints: [{ host: "h", port: 1 }] });
});

test("libpq's query parameters are understood", () => {
  const url =
    "postgres://u@h/d?application_name=app&options=-c%20geqo%3Doff&connect_timeout=3&target_session_attrs=read-write" +
    "&require_auth=scram-sha-256,none&channel_binding=require&client_encoding=UTF8&replication=true";
  expect(parse(url)).toMatchObject({
    parameters: { replication: "true", options: "-c geqo=off", application_name: "app", client_encoding: "UTF8" },
    connectTimeoutMs: 3000,
    targetServerType: "primary",
    requireAuth: ["scram-sha-256", "none"],
    channelBinding: "require",
  });
});

test("a plus sign is a plus sign, as in libpq: no space, as in a web form", () => {
  expect(parse("postgres://u@h/d?application_name=a+b").parameters).toMatchObject({ application_name: "a+b" });
});

test("connect_timeout=0 is no limit, as in libpq", () => {
  expect(parse("postgres://u@h/d?connect_timeout=0").connectTimeoutMs).toBe(Number.POSITIVE_INFINITY);
});

test("an unknown query parameter is refused, naming the near miss", () => {
  expect(() => parse("postgres://h/d?ssl_mode=require")).toThrow(
    expect.objectContaining({ code: "option_unknown", message: expect.stringContaining('"sslmode"') }),
  );
  expect(() => parse("postgres://h/d?pgbouncer=true")).toThrow(/unknown parameter "pgbouncer"/);
});

test.each([
  ["host=localhost port=5432 password=hunter2", /keyword=value/],
  ["/run/postgresql db", /names a socket/],
  ["localhost:5432/hunter2", /does not start with postgres/],
  ["mysql://u:hunter2@h/d", /does not start with postgres/],
  ["postgres://u:hunter2/x@h/d", /percent-encoded/],
  ["postgres://u:hunter2@h:99999/d", /port/],
  ["postgres://u:hunter2@h:x/d", /host:port/],
  ["postgres://u:hunter2@%zz/d", /percent-encoded/],
  ["postgres://u:hunter2@h/d?sslmode=disable&sslmode=require", /twice/],
  ["postgres://u:hunter2@h/d?ssl=true&sslmode=disable", /both ssl and sslmode/],
  ["postgres://u:hunter2@h/d?connect_timeout=soon", /seconds/],
])("%s is refused with a hint and without the password", (url, hint) => {
  const attempt = (): unknown => parse(url);
  expect(attempt).toThrow(hint);
  expect(attempt).toThrow(
    expect.objectContaining({ name: "ConfigError", message: expect.not.stringContaining("hunter2") }),
  );
});

const verified = { type: "on", plaintextAllowed: false, options: {} };
const unverified = { rejectUnauthorized: false };

test.each([
  ["disable", { type: "off" }],
  ["prefer", { type: "on", plaintextAllowed: true, options: unverified }],
  ["require", verified],
  ["verify-full", verified],
  ["no-verify", { type: "on", plaintextAllowed: false, options: unverified }],
])("sslmode=%s, in the URL or in PGSSLMODE, is %o", (mode, policy) => {
  expect(parse(`postgres://h/d?sslmode=${mode}`).tls).toEqual(policy);
  expect(parse("postgres://h/d", { PGSSLMODE: mode }).tls).toEqual(policy);
  expect(parse("postgres://h/d?sslmode=disable", { PGSSLMODE: mode }).tls).toEqual({ type: "off" });
});

test("ssl=true in the URL verifies, and ssl: false wins over it", () => {
  expect(parse("postgres://h/d?ssl=true").tls).toEqual(verified);
  const options = { connectionString: "postgres://h/d?ssl=true", ssl: false };
  expect(parseConnectionOptions(options, { USER: "ann" }).tls).toEqual({ type: "off" });
});

test("sslmode=verify-ca wants a root certificate, and checks the chain but not the name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trunkline-ca-"));
  try {
    const file = join(folder, "root.crt");
    await writeFile(file, "PEM");
    expect(() => parse("postgres://h/d?sslmode=verify-ca")).toThrow(
      expect.objectContaining({ code: "option_missing" }),
    );
    const { tls } = parse(`postgres://h/d?sslmode=verify-ca&sslrootcert=${file}`);
    expect(tls).toMatchObject({ type: "on", options: { ca: "PEM", checkServerIdentity: expect.any(Function) } });
    expect(parse(`postgres://h/d?sslrootcert=${file}`).tls).toMatchObject({ type: "on", options: { ca: "PEM" } });
    expect(() => parse(`postgres://h/d?sslmode=require&sslrootcert=${file}.no`)).toThrow(/can't be read/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(["allow", "prefered"])("sslmode=%s is refused", (mode) => {
  expect(() => parse(`postgres://h/d?sslmode=${mode}`)).toThrow(expect.objectContaining({ code: "option_invalid" }));
});

test("nothing is written to stderr about the sslmode", () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  try {
    parse("postgres://h/d?sslmode=require");
    expect(warn).not.toHaveBeenCalled();
  } finally {
    warn.mockRestore();
  }
});
