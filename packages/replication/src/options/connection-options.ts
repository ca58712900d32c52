import type { Secret } from "./secret.ts";
import type { SslOptions } from "./tls-policy.ts";

/** How the server may ask who we are, in libpq's words. `none`: it does not ask (pg_hba's `trust` and `cert`). */
export type AuthMethod = "none" | "password" | "md5" | "scram-sha-256";

/** Whether SCRAM is bound to the TLS channel. `require` also refuses every other way of logging in. */
export type ChannelBinding = "disable" | "prefer" | "require";

/** Which kind of server will do: `primary` accepts writes (`transaction_read_only` is off), `secondary` does not. */
export type TargetServerType = "any" | "primary" | "secondary";

/** A password, or a function that is asked for it during each login that needs one (a token that expires, a vault). */
export type PasswordOption =
  | string
  | Secret<string>
  | (() => string | Secret<string> | Promise<string | Secret<string>>);

/**
 * Where to connect and as whom: node-postgres' names, then Postgrex's. A value that is `undefined` or `null` counts as
 * absent. Explicit options win over the connection string, which wins over the environment (`PGHOST` …).
 * Times are milliseconds; `Infinity` means no limit. The page `docs/reference/connection-options.md` holds the table.
 */
export interface ConnectionOptions {
  /** `postgres://user:password@host:port/database?sslmode=…`; several hosts separated by commas are tried in order. */
  readonly connectionString?: string | null | undefined;
  /** TCP host; a directory (`/run/postgresql`) or `@name` means a Unix socket. Default: `PGHOST`, else `localhost`. */
  readonly host?: string | null | undefined;
  /** Also a numeric string. Default: `PGPORT`, else 5432. */
  readonly port?: number | string | null | undefined;
  /** Servers to try, in this order, on each attempt. `[host, port]` or `{ host, port }`; the port may be left out. */
  readonly endpoints?: readonly EndpointOption[] | null | undefined;
  /** The directory of a Unix socket: the file is `.s.PGSQL.<port>` in it. Wins over `endpoints` and `host`. */
  readonly socketDir?: string | null | undefined;
  /** The path of a Unix socket. Wins over `socketDir`. */
  readonly socket?: string | null | undefined;
  /** Default: `PGUSER`, else the name of the operating system's user. */
  readonly user?: string | null | undefined;
  /** Default: `PGPASSWORD`. Kept in a {@link Secret}. */
  readonly password?: PasswordOption | null | undefined;
  /** Default: `PGDATABASE`, else the user's name. */
  readonly database?: string | null | undefined;
  /** `true` verifies by the system's authorities; an object holds Node's TLS options and verifies too. Default: `PGSSLMODE`, else off. */
  readonly ssl?: boolean | SslOptions | null | undefined;
  /** Command-line options for the server process (`-c name=value`). Default: `PGOPTIONS`. */
  readonly options?: string | null | undefined;
  /** Startup parameters, sent in this order after `replication`, which is `"database"` unless given here. */
  readonly parameters?: Readonly<Record<string, string | number | boolean | null | undefined>> | null | undefined;
  /** Default `"any"`. */
  readonly targetServerType?: TargetServerType | null | undefined;
  /** The methods of authentication to accept. Default: all that are supported. */
  readonly requireAuth?: AuthMethod | readonly AuthMethod[] | null | undefined;
  /** Default `"prefer"`: used whenever there is TLS and the server offers it. */
  readonly channelBinding?: ChannelBinding | null | undefined;
  /** The limit for a send and for a cancel request; the default of the two limits below. Default 15,000 ms. */
  readonly timeoutMs?: number | null | undefined;
  /** Each endpoint's limit until the socket is connected. Default: `timeoutMs`. */
  readonly connectTimeoutMs?: number | null | undefined;
  /** Each endpoint's limit from there until the server is ready, TLS and authentication included. Default: `timeoutMs`. */
  readonly handshakeTimeoutMs?: number | null | undefined;
  /** Idle time before the operating system probes whether the peer is alive (TCP keepalive). Default 30,000 ms. */
  readonly keepAliveDelayMs?: number | null | undefined;
  /**
   * How long bytes may gather while a replication stream is busy, its first half second included; 0 reads each packet at
   * once. Default 1 ms.
   */
  readonly coalesceMs?: number | null | undefined;
}

/** One of several servers. */
export type EndpointOption =
  | readonly [host: string, port?: number | string]
  | { readonly host: string; readonly port?: number | string | null | undefined };
