import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import type { ConnectionOptions } from "./connection-options.ts";
import type { Environment } from "./environment.ts";
import {
  type ConnectionConfig,
  connectionOptionNames,
  parseConnectionOptions,
  refuseUnknownOptions,
} from "./parse-options.ts";
import { Secret } from "./secret.ts";

const parse = (options: ConnectionOptions, environment: Environment = { USER: "ann" }): ConnectionConfig =>
  parseConnectionOptions(options, environment);

/** Options as plain JavaScript may pass them. */
const wrong = (options: object): ConnectionConfig => parse(options as ConnectionOptions);

test("without any options it is the local server, as the system's user, in the database of that name", () => {
  expect(parse({})).toEqual({
    endpoints: [{ type: "tcp", host: "localhost", port: 5432 }],
    user: "ann",
    database: "ann",
    password: { type: "none" },
    tls: { type: "off" },
    parameters: { replication: "database" },
    targetServerType: "any",
    requireAuth: undefined,
    channelBinding: "prefer",
    timeoutMs: 15_000,
    connectTimeoutMs: 15_000,
    handshakeTimeoutMs: 15_000,
    keepAliveDelayMs: 30_000,
    coalesceMs: 1,
  });
});

test("R18: socket wins over socketDir, over endpoints, over host", () => {
  const all = { socket: "/s", socketDir: "/run", endpoints: [["e", 1]], host: "h" } as const;
  expect(parse(all).endpoints).toEqual([{ type: "unix", path: "/s" }]);
  expect(parse({ ...all, socket: null }).endpoints).toEqual([{ type: "unix", path: "/run/.s.PGSQL.5432" }]);
  expect(parse({ ...all, socket: null, socketDir: null }).endpoints).toEqual([{ type: "tcp", host: "e", port: 1 }]);
  expect(parse({ host: "h" }).endpoints).toEqual([{ type: "tcp", host: "h", port: 5432 }]);
});

test("R19: undefined and null count as absent, and explicit values win over the environment", () => {
  const environment = {
    PGHOST: "envhost",
    PGPORT: "1111",
    PGUSER: "envuser",
    PGDATABASE: "envdb",
    PGPASSWORD: "envpw",
  };
  const absent = parse({ host: undefined, port: null, user: null, database: undefined, password: null }, environment);
  expect(absent).toMatchObject({ user: "envuser", database: "envdb" });
  expect(absent.endpoints).toEqual([{ type: "tcp", host: "envhost", port: 1111 }]);
  expect(absent.password.type).toBe("value");
  const given = parse({ host: "h", port: "5433", user: "u", database: "d" }, environment);
  expect(given).toMatchObject({ user: "u", database: "d", endpoints: [{ host: "h", port: 5433 }] });
});

test("R20: a socket in PGHOST does not override an explicit host", () => {
  const environment = { USER: "ann", PGHOST: "/run/postgresql" };
  expect(parse({ host: "h" }, environment).endpoints).toEqual([{ type: "tcp", host: "h", port: 5432 }]);
  expect(parse({}, environment).endpoints).toEqual([{ type: "unix", path: "/run/postgresql/.s.PGSQL.5432" }]);
});

test.each([
  ["/run/pg/", { type: "unix", path: "/run/pg/.s.PGSQL.5432" }],
  ["C:\\sockets", { type: "unix", path: "C:\\sockets/.s.PGSQL.5432" }],
  ["@abstract", { type: "unix", path: "\0abstract/.s.PGSQL.5432" }],
  ["[::1]", { type: "tcp", host: "::1", port: 5432 }],
])("the host %s is %o", (host, endpoint) => {
  expect(parse({ host }).endpoints).toEqual([endpoint]);
});

test("PGHOST and PGPORT may list several servers", () => {
  expect(parse({}, { USER: "ann", PGHOST: "a,b", PGPORT: "1,2" }).endpoints).toEqual([
    { type: "tcp", host: "a", port: 1 },
    { type: "tcp", host: "b", port: 2 },
  ]);
  expect(parse({}, { USER: "ann", PGHOST: "a,b", PGPORT: "7" }).endpoints.map((e) => "port" in e && e.port)).toEqual([
    7, 7,
  ]);
  expect(() => parse({}, { USER: "ann", PGHOST: "a,b,c", PGPORT: "1,2" })).toThrow(/2 ports for 3 hosts/);
  const explicit = parse({ port: 9 }, { USER: "ann", PGHOST: "a,b", PGPORT: "1,2" });
  expect(explicit.endpoints.map((e) => "port" in e && e.port)).toEqual([9, 9]);
});

test("endpoints take pairs and objects, and the port may be left out", () => {
  const endpoints = [["a", "5433"], ["b"], { host: "c", port: 5434 }, { host: "/dir" }] as const;
  expect(parse({ endpoints, port: 9 }).endpoints).toEqual([
    { type: "tcp", host: "a", port: 5433 },
    { type: "tcp", host: "b", port: 9 },
    { type: "tcp", host: "c", port: 5434 },
    { type: "unix", path: "/dir/.s.PGSQL.9" },
  ]);
});

test.each([
  [{ endpoints: [] }, "option_missing"],
  [{ endpoints: "a:1" }, "option_invalid"],
  [{ endpoints: [["a", 1, 2]] }, "option_invalid"],
  [{ endpoints: [null] }, "option_invalid"],
  [{ host: "" }, "option_invalid"],
  [{ host: 7 }, "option_invalid"],
  [{ socket: 7 }, "option_invalid"],
  [{ socketDir: 7 }, "option_invalid"],
  [{ port: 0 }, "option_invalid"],
  [{ port: "54x" }, "option_invalid"],
  [{ port: 65_536 }, "option_invalid"],
  [{ user: "" }, "option_invalid"],
  [{ user: "a\0b" }, "option_invalid"],
  [{ database: 7 }, "option_invalid"],
  [{ password: 7 }, "option_invalid"],
  [{ connectionString: 7 }, "option_invalid"],
  [{ ssl: "require" }, "option_invalid"],
  [{ ssl: 1 }, "option_invalid"],
  [{ parameters: [] }, "option_invalid"],
  [{ parameters: { TimeZone: {} } }, "option_invalid"],
  [{ parameters: { TimeZone: "a\0b" } }, "option_invalid"],
  [{ parameters: { "": "x" } }, "option_invalid"],
  [{ parameters: { 7: "x" } }, "option_invalid"],
  [{ parameters: { user: "x" } }, "option_conflict"],
  [{ parameters: { database: "x" } }, "option_conflict"],
  [{ targetServerType: "standby" }, "option_invalid"],
  [{ requireAuth: [] }, "option_invalid"],
  [{ requireAuth: "gss" }, "option_invalid"],
  [{ channelBinding: true }, "option_invalid"],
  [{ timeoutMs: 0 }, "option_invalid"],
  [{ timeoutMs: 1.5 }, "option_invalid"],
  [{ connectTimeoutMs: 2 ** 31 }, "option_invalid"],
  [{ handshakeTimeoutMs: "5" }, "option_invalid"],
  [{ coalesceMs: -1 }, "option_invalid"],
])("%o is refused with %s", (options, code) => {
  expect(() => wrong(options)).toThrow(expect.objectContaining({ name: "ConfigError", code }));
});

test("timeoutMs is the default of the other limits, and Infinity is none", () => {
  expect(parse({ timeoutMs: 50, handshakeTimeoutMs: Number.POSITIVE_INFINITY })).toMatchObject({
    timeoutMs: 50,
    connectTimeoutMs: 50,
    handshakeTimeoutMs: Number.POSITIVE_INFINITY,
  });
});

test("R21 R22: parameters follow replication in their order, as text", () => {
  const { parameters } = parse({ parameters: { TimeZone: "UTC", extra_float_digits: 1, jit: false, gone: null } });
  expect(Object.entries(parameters)).toEqual([
    ["replication", "database"],
    ["TimeZone", "UTC"],
    ["extra_float_digits", "1"],
    ["jit", "false"],
  ]);
});

test("R4: a replication parameter of the user's stays where it is", () => {
  const { parameters } = parse({ options: "-c a=b", parameters: { TimeZone: "UTC", replication: true } });
  expect(Object.entries(parameters)).toEqual([
    ["options", "-c a=b"],
    ["TimeZone", "UTC"],
    ["replication", "true"],
  ]);
});

test.each([
  ["hostname", "host"],
  ["username", "user"],
  ["dbname", "database"],
  ["passwrod", "password"],
  ["target_server_type", "targetServerType"],
  ["connectionTimeoutMillis", "connectTimeoutMs"],
  ["end_points", "endpoints"],
])("PX-10: the unknown option %s is refused, and %s is suggested", (name, suggestion) => {
  expect(() => refuseUnknownOptions({ [name]: "x" }, connectionOptionNames)).toThrow(
    expect.objectContaining({
      code: "option_unknown",
      option: name,
      message: expect.stringContaining(`"${suggestion}"`),
    }),
  );
});

test("an unknown option that is near to nothing is refused without a suggestion", () => {
  expect(() => refuseUnknownOptions({ flavour: "x" }, connectionOptionNames)).toThrow(/no option "flavour". It would/);
});

test("R113: the password is redacted wherever the parsed options are printed", () => {
  const config = parse({ connectionString: "postgres://u:hunter2@h/d" });
  for (const printed of [inspect(config, { depth: 9, showHidden: true }), JSON.stringify(config)]) {
    expect(printed).not.toContain("hunter2");
    expect(printed).toContain("[redacted]");
  }
});

test("a password function is kept as it is, and not called", () => {
  const password = vi.fn(() => "pw");
  expect(parse({ password }).password.type).toBe("ask");
  expect(parse({ password: new Secret("x") }).password.type).toBe("value");
  expect(password).not.toHaveBeenCalled();
});
