import type { Name, Timeout } from "@trunkline/process";
import { type BackoffRule, parseReconnectBackoff } from "../backoff.ts";
import { ConfigError } from "./config-error.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import {
  type ConnectionConfig,
  connectionOptionNames,
  duration,
  parseConnectionOptions,
  refuseUnknownOptions,
} from "./parse-options.ts";
import type { Attempt, ConnectionName, ReplicationOptions } from "./replication-options.ts";
import { symbolName } from "./symbol-name.ts";

/** Checked options: every field is there and in range. */
export interface ReplicationConfig {
  readonly syncConnect: boolean;
  readonly autoReconnect: boolean;
  readonly backoff: BackoffRule;
  readonly stableAfterMs: number;
  readonly startTimeoutMs: Timeout;
  readonly livenessTimeoutMs: number;
  readonly statusUpdates: boolean;
  readonly fatalNotices: readonly string[];
  readonly failPendingOnDisconnect: boolean;
  readonly trapExit: boolean;
  readonly name: Name | undefined;
  /** Where to connect in this attempt. Rejects with ConfigError, or what `configure` threw. */
  readonly connectionFor: (attempt: Attempt) => ConnectionConfig | Promise<ConnectionConfig>;
}

/** A record with every option as a key, so that one added to the type has to be added here. */
const own: Readonly<Record<Exclude<keyof ReplicationOptions, keyof ConnectionOptions>, true>> = {
  syncConnect: true,
  autoReconnect: true,
  reconnectBackoff: true,
  stableAfterMs: true,
  startTimeoutMs: true,
  livenessTimeoutMs: true,
  statusUpdates: true,
  fatalNotices: true,
  failPendingOnDisconnect: true,
  trapExit: true,
  configure: true,
  name: true,
};

/** The names of all options of a replication connection. */
export const replicationOptionNames: readonly string[] = [...Object.keys(own), ...connectionOptionNames];

/** How long a start may take unless the options say otherwise: a supervisor's 5,000 ms would kill a slow connect. */
export const DEFAULT_START_TIMEOUT_MS = 30_000;

/**
 * Checks all options and fills in what is absent, without any network activity.
 * @param further names that the caller reads itself
 * @throws ConfigError `option_unknown`, naming the near miss; `option_invalid`, `option_missing`, `option_conflict`
 */
export function parseReplicationOptions(
  options: ReplicationOptions,
  further: readonly string[] = [],
): ReplicationConfig {
  refuseUnknownOptions(options, [...replicationOptionNames, ...further]);
  const { configure } = options;
  if (configure !== undefined && typeof configure !== "function") throw invalid("configure", "must be a function");
  const connection = Object.fromEntries(
    Object.entries(options).filter(([name]) => connectionOptionNames.includes(name)),
  );
  const fixed = parseConnectionOptions(connection);
  const statusUpdates = flag(options, "statusUpdates", true);
  return {
    syncConnect: flag(options, "syncConnect", true),
    autoReconnect: flag(options, "autoReconnect", false),
    backoff: parseReconnectBackoff(options.reconnectBackoff),
    stableAfterMs: duration(options.stableAfterMs, "stableAfterMs") ?? 5000,
    startTimeoutMs: startTimeout(options.startTimeoutMs),
    livenessTimeoutMs:
      duration(options.livenessTimeoutMs, "livenessTimeoutMs") ?? (statusUpdates ? 60_000 : Number.POSITIVE_INFINITY),
    statusUpdates,
    fatalNotices: states(options.fatalNotices),
    failPendingOnDisconnect: flag(options, "failPendingOnDisconnect", false),
    trapExit: flag(options, "trapExit", false),
    name: parseName(options.name),
    connectionFor:
      configure === undefined
        ? () => fixed
        : async (attempt) => {
            const changes: unknown = await configure(attempt);
            if (typeof changes !== "object" || changes === null) throw invalid("configure", "must return options");
            refuseUnknownOptions(changes, connectionOptionNames);
            return parseConnectionOptions({ ...connection, ...changes });
          },
  };
}

type Flag = "syncConnect" | "autoReconnect" | "statusUpdates" | "failPendingOnDisconnect" | "trapExit";

function flag(options: ReplicationOptions, name: Flag, absent: boolean): boolean {
  const value: unknown = options[name];
  if (value === undefined || value === null) return absent;
  if (typeof value !== "boolean") throw invalid(name, "must be true or false");
  return value;
}

function states(value: readonly string[] | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((code) => /^[0-9A-Z]{5}$/.test(code))) return value;
  throw invalid("fatalNotices", "must be a list of SQLSTATEs");
}

function startTimeout(value: Timeout | undefined): Timeout {
  if (value === undefined) return DEFAULT_START_TIMEOUT_MS;
  if (value === "infinity" || value === Number.POSITIVE_INFINITY) return "infinity";
  return duration(value, "startTimeoutMs") ?? DEFAULT_START_TIMEOUT_MS;
}

/** R13, R14. */
function parseName(name: ConnectionName | undefined): Name | undefined {
  if (name === undefined || name === null) return undefined;
  if (typeof name === "string" && name !== "") return name;
  if (typeof name === "symbol") return symbolName(name);
  if (typeof name === "object" && "via" in name) return parseName(name.via);
  if (typeof name === "object" && "type" in name && name.type === "via") return name;
  const what =
    "must be a string, a symbol, via(registry, key) or { via }; names of a whole cluster (global) are not supported";
  throw invalid("name", what);
}

function invalid(option: string, what: string): ConfigError {
  return new ConfigError("option_invalid", `${option} ${what}.`, { option });
}
