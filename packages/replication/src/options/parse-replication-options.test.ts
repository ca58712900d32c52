import { defaultRuntime } from "@trunkline/process";
import { expect, test } from "vitest";
import { parseReplicationOptions } from "./parse-replication-options.ts";
import type { ReplicationOptions } from "./replication-options.ts";

const connectionString = "postgres://somebody@127.0.0.1:5432/somewhere";
const parsed = (options: ReplicationOptions = {}) => parseReplicationOptions({ connectionString, ...options });

test("what is absent has its documented default", () => {
  expect(parsed()).toMatchObject({
    syncConnect: true,
    autoReconnect: false,
    backoff: { minMs: 500, maxMs: 30_000, factor: 2, jitter: 0.5, maxAttempts: Number.POSITIVE_INFINITY },
    stableAfterMs: 5000,
    startTimeoutMs: 30_000,
    livenessTimeoutMs: 60_000,
    statusUpdates: true,
    fatalNotices: [],
    failPendingOnDisconnect: false,
    trapExit: false,
    name: undefined,
  });
});

test("without status updates the server is not asked for a sign of life, unless a limit is given", () => {
  expect(parsed({ statusUpdates: false }).livenessTimeoutMs).toBe(Number.POSITIVE_INFINITY);
  expect(parsed({ statusUpdates: false, livenessTimeoutMs: 100 }).livenessTimeoutMs).toBe(100);
});

test.each([
  ["reconectBackoff", "reconnectBackoff"],
  ["autoreconnect", "autoReconnect"],
  ["hostname", "host"],
  ["startTimeout", "startTimeoutMs"],
  ["sync_connect", "syncConnect"],
])("%s is refused, and %s named", (wrong, right) => {
  expect(() => parsed({ [wrong]: 1 } as ReplicationOptions)).toThrow(`"${right}"`);
});

test.each([
  ["fatalNotices", ["warning"]],
  ["fatalNotices", "55000"],
  ["syncConnect", "yes"],
  ["autoReconnect", 1],
  ["livenessTimeoutMs", -1],
  ["stableAfterMs", "5s"],
  ["configure", {}],
  ["name", 7],
  ["name", ""],
  ["name", { type: "global", name: "x" }],
])("%s: %j is refused before anything is started", (option, value) => {
  expect(() => parsed({ [option]: value } as ReplicationOptions)).toThrow(
    expect.objectContaining({ code: "option_invalid" }),
  );
});

test("R13: a name is a string, a symbol, or what a registry keeps", () => {
  const via = { type: "via", label: "kept", whereis: () => undefined, register: () => undefined } as const;
  expect(parsed({ name: "local" }).name).toBe("local");
  expect(parsed({ name: Symbol("private") }).name).toMatchObject({ type: "via", label: "Symbol(private)" });
  expect(parsed({ name: via }).name).toBe(via);
  expect(parsed({ name: { via } }).name).toBe(via);
});

test("R23: configure is asked for each attempt, and what it returns wins; unknown names are refused there too", async () => {
  const config = parsed({
    configure: async ({ attempt }) => (attempt === 1 ? { user: "fresh" } : ({ username: "x" } as never)),
  });
  expect(await config.connectionFor({ attempt: 1 })).toMatchObject({ user: "fresh", database: "somewhere" });
  await expect(config.connectionFor({ attempt: 2 })).rejects.toThrow('"user"');
  const nothing = parsed({ configure: () => undefined as never });
  await expect(nothing.connectionFor({ attempt: 1 })).rejects.toMatchObject({ code: "option_invalid" });
});

test("options that only a start takes are unknown to a child spec", () => {
  expect(() => parsed({ runtime: defaultRuntime } as never)).toThrow(
    expect.objectContaining({ code: "option_unknown" }),
  );
});
