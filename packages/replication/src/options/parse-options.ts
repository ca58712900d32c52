import { ConfigError } from "./config-error.ts";
import type {
  AuthMethod,
  ChannelBinding,
  ConnectionOptions,
  PasswordOption,
  TargetServerType,
} from "./connection-options.ts";
import { type ParsedUrl, parseConnectionString } from "./connection-string.ts";
import { type Endpoint, shown } from "./endpoint.ts";
import { type Environment, systemUser, variable } from "./environment.ts";
import { nearMiss } from "./near-miss.ts";
import { Secret } from "./secret.ts";
import { chooseServers } from "./servers.ts";
import { startupParameters } from "./startup-parameters.ts";
import { type TlsPolicy, tlsOfMode, tlsOfOption } from "./tls-policy.ts";

/** Where the password comes from: known now, or asked for during each login that needs one. */
export type PasswordSource =
  | { readonly type: "none" }
  | { readonly type: "value"; readonly secret: Secret<string> }
  | { readonly type: "ask"; readonly ask: Exclude<PasswordOption, string | Secret<string>> };

/** Options that have been checked: every field is there, in range, and of one shape. */
export interface ConnectionConfig {
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly user: string;
  readonly database: string;
  readonly password: PasswordSource;
  readonly tls: TlsPolicy;
  /** What the startup message carries after `user` and `database`, in order. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly targetServerType: TargetServerType;
  /** `undefined`: every supported method. */
  readonly requireAuth: readonly AuthMethod[] | undefined;
  readonly channelBinding: ChannelBinding;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly keepAliveDelayMs: number;
  readonly coalesceMs: number;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_KEEP_ALIVE_DELAY_MS = 30_000;
const DEFAULT_COALESCE_MS = 1;
/** Node's timers can't wait longer (24.8 days); they would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A record with every option as a key, so that one added to the type has to be added here. */
const known: Readonly<Record<keyof ConnectionOptions, true>> = {
  connectionString: true,
  host: true,
  port: true,
  endpoints: true,
  socketDir: true,
  socket: true,
  user: true,
  password: true,
  database: true,
  ssl: true,
  options: true,
  parameters: true,
  targetServerType: true,
  requireAuth: true,
  channelBinding: true,
  timeoutMs: true,
  connectTimeoutMs: true,
  handshakeTimeoutMs: true,
  keepAliveDelayMs: true,
  coalesceMs: true,
};

/** The names of all connection options. */
export const connectionOptionNames: readonly string[] = Object.keys(known);

/**
 * Refuses options nobody would read. `allowed` are the names the caller knows.
 * @throws ConfigError `option_unknown`, naming the near miss.
 */
export function refuseUnknownOptions(options: object, allowed: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (allowed.includes(name)) continue;
    const near = nearMiss(name, allowed);
    const hint = near === undefined ? "It would have no effect." : `Did you mean "${near}"?`;
    throw new ConfigError("option_unknown", `There is no option "${name}". ${hint}`, { option: name });
  }
}

/**
 * Checks options and fills in what is absent, without any network activity. Unknown names are the caller's to refuse
 * ({@link refuseUnknownOptions}), since the caller may have options of its own.
 * @param environment variables to read instead of `process.env`.
 * @throws ConfigError with the option's name; its text never holds a password.
 */
export function parseConnectionOptions(
  options: ConnectionOptions,
  environment: Environment = process.env,
): ConnectionConfig {
  const url = parseUrl(options);
  const user = text(options.user, "user") ?? url?.user ?? variable(environment, "PGUSER") ?? systemUser(environment);
  if (user === undefined) throw new ConfigError("option_missing", "There is no user to log in as.", { option: "user" });
  const database = text(options.database, "database") ?? url?.database ?? variable(environment, "PGDATABASE") ?? user;

  const timeoutMs = duration(options.timeoutMs, "timeoutMs") ?? DEFAULT_TIMEOUT_MS;
  const connectTimeoutMs = duration(options.connectTimeoutMs, "connectTimeoutMs") ?? urlTimeout(url) ?? timeoutMs;
  return {
    endpoints: chooseServers(options, url, environment),
    user,
    database,
    password: passwordSource(options.password, url?.password ?? variable(environment, "PGPASSWORD")),
    tls: tlsPolicy(options, url, environment),
    parameters: startupParameters(options, url, environment),
    targetServerType:
      choice(options.targetServerType, ["any", "primary", "secondary"], "targetServerType") ?? urlServerType(url),
    requireAuth: authMethods(options.requireAuth ?? url?.parameters.require_auth?.split(",")),
    channelBinding:
      choice(
        options.channelBinding ?? url?.parameters.channel_binding,
        ["disable", "prefer", "require"],
        "channelBinding",
      ) ?? "prefer",
    timeoutMs,
    connectTimeoutMs,
    handshakeTimeoutMs: duration(options.handshakeTimeoutMs, "handshakeTimeoutMs") ?? timeoutMs,
    keepAliveDelayMs: duration(options.keepAliveDelayMs, "keepAliveDelayMs") ?? DEFAULT_KEEP_ALIVE_DELAY_MS,
    coalesceMs: coalescing(options.coalesceMs),
  };
}

function parseUrl({ connectionString }: ConnectionOptions): ParsedUrl | undefined {
  if (connectionString === undefined || connectionString === null) return undefined;
  if (typeof connectionString !== "string") {
    throw new ConfigError("option_invalid", "connectionString must be a string.", { option: "connectionString" });
  }
  return parseConnectionString(connectionString);
}

function text(value: unknown, option: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return value;
  const what = `${option} must be a string that is neither empty nor holds a zero byte, not ${shown(value)}.`;
  throw new ConfigError("option_invalid", what, { option });
}

/**
 * A number of milliseconds from 1 to 2^31 − 1, or `Infinity`; `undefined` when absent.
 * @throws ConfigError `option_invalid`
 */
export function duration(value: unknown, option: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const whole = typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= LONGEST_TIMER_MS;
  if (whole || value === Number.POSITIVE_INFINITY) return value as number;
  const what = `${option} must be a whole number of milliseconds from 1 to ${LONGEST_TIMER_MS}, or Infinity, not ${shown(value)}.`;
  throw new ConfigError("option_invalid", what, { option });
}

function coalescing(value: unknown): number {
  if (value === undefined || value === null) return DEFAULT_COALESCE_MS;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1000) return value;
  const what = `coalesceMs must be a whole number of milliseconds from 0 (off) to 1000, not ${shown(value)}.`;
  throw new ConfigError("option_invalid", what, { option: "coalesceMs" });
}

function choice<const Word extends string>(value: unknown, words: readonly Word[], option: string): Word | undefined {
  if (value === undefined || value === null) return undefined;
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw new ConfigError("option_invalid", `${option} must be one of ${words.join(", ")}, not ${shown(value)}.`, {
    option,
  });
}

function passwordSource(option: unknown, otherwise: string | undefined): PasswordSource {
  if (option === undefined || option === null) {
    return otherwise === undefined ? { type: "none" } : { type: "value", secret: new Secret(otherwise) };
  }
  if (typeof option === "string") return { type: "value", secret: new Secret(option) };
  if (option instanceof Secret) return { type: "value", secret: option };
  if (typeof option === "function") return { type: "ask", ask: option as () => string | Secret<string> };
  throw new ConfigError("option_invalid", `password must be a string or a function, not of type ${typeof option}.`, {
    option: "password",
  });
}

function tlsPolicy({ ssl }: ConnectionOptions, url: ParsedUrl | undefined, environment: Environment): TlsPolicy {
  if (ssl !== undefined && ssl !== null) return tlsOfOption(ssl);
  const files = {
    rootCert: url?.parameters.sslrootcert ?? variable(environment, "PGSSLROOTCERT"),
    cert: url?.parameters.sslcert ?? variable(environment, "PGSSLCERT"),
    key: url?.parameters.sslkey ?? variable(environment, "PGSSLKEY"),
  };
  const { ssl: flag, sslmode } = url?.parameters ?? {};
  if (flag !== undefined && sslmode !== undefined) {
    throw new ConfigError("option_conflict", "The connection string has both ssl and sslmode.", { option: "ssl" });
  }
  if (sslmode !== undefined) return tlsOfMode(sslmode, files, "sslmode");
  if (flag !== undefined) {
    const on = choice(flag, ["true", "1", "false", "0"], "the connection string's ssl");
    return tlsOfMode(on === "true" || on === "1" ? "verify-full" : "disable", files, "ssl");
  }
  const mode = variable(environment, "PGSSLMODE");
  if (mode !== undefined) return tlsOfMode(mode, files, "PGSSLMODE");
  // A root certificate in the URL without a mode would otherwise be ignored in silence.
  return url?.parameters.sslrootcert === undefined ? { type: "off" } : tlsOfMode("verify-full", files, "sslrootcert");
}

function authMethods(value: unknown): readonly AuthMethod[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) {
    throw new ConfigError("option_invalid", "requireAuth is empty: no login could succeed.", { option: "requireAuth" });
  }
  return list.flatMap((each) => {
    const trimmed = typeof each === "string" ? each.trim() : (each ?? shown(each));
    return choice(trimmed, ["none", "password", "md5", "scram-sha-256"], "requireAuth") ?? [];
  });
}

function urlServerType(url: ParsedUrl | undefined): TargetServerType {
  const words = ["any", "read-write", "primary", "read-only", "standby"] as const;
  const word = choice(url?.parameters.target_session_attrs, words, "target_session_attrs") ?? "any";
  switch (word) {
    case "any":
      return "any";
    case "read-write":
    case "primary":
      return "primary";
    case "read-only":
    case "standby":
      return "secondary";
  }
}

/** libpq counts in seconds, and 0 is no limit. */
function urlTimeout(url: ParsedUrl | undefined): number | undefined {
  const seconds = url?.parameters.connect_timeout;
  if (seconds === undefined) return undefined;
  if (!/^\d{1,6}$/.test(seconds)) {
    const what = `connect_timeout must be a number of seconds, not ${shown(seconds)}.`;
    throw new ConfigError("option_invalid", what, { option: "connect_timeout" });
  }
  return Number(seconds) === 0 ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
}
