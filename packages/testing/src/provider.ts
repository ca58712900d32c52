import type { PostgresVersion } from "./postgres-version.ts";
import type { ServerSettings } from "./server-settings.ts";
import type { ServerCertificates } from "./tls/certificate-authority.ts";

/**
 * How a server is told to stop. `smart` waits for the clients to leave, `fast` ends them and waits for their walsenders,
 * `immediate` is a crash: the next start replays the WAL.
 * @see https://www.postgresql.org/docs/current/server-shutdown.html
 */
export type StopMode = "smart" | "fast" | "immediate";

/** What a test wants of its server. Absent: the provider's default. */
export interface ServerRequest {
  /** Major version. */
  readonly version: PostgresVersion;
  /** On top of {@link baseSettings}. */
  readonly settings: ServerSettings;
  /** Lines of `pg_hba.conf` that come before the ones that trust everybody on loopback. */
  readonly hba: readonly string[];
  /** Whether the server accepts TLS: with a certificate made for it (`true`), or with this one. */
  readonly ssl: boolean | ServerCertificates;
}

/** Stops, starts and reconfigures a server that is ours. */
export interface ServerControl {
  readonly running: boolean;
  /** Everything the server has logged since it was made. */
  log(): string;
  stop(mode: StopMode): Promise<void>;
  start(): Promise<void>;
  /** Writes settings to its configuration file and tells the server to read it again; `null` takes one back. */
  configure(settings: Readonly<Record<string, string | null>>): Promise<void>;
}

/** A server that accepts connections, as a provider hands it over. */
export interface ProvidedServer {
  /** URL of a superuser's connection to an existing database. */
  readonly url: string;
  /** Directory of the unix socket, where there is one. */
  readonly socketDir: string | undefined;
  /** Present when it was asked for `ssl`. */
  readonly certificates: ServerCertificates | undefined;
  /** Absent: somebody else's server, to be left as it is. */
  readonly control: ServerControl | undefined;
  /** Ends it and removes what it left on disk. Never rejects because the server is gone already. */
  release(): Promise<void>;
}

/** A way to come by a server. Another one (a container, say) is another function of this type. */
export type PostgresProvider = (request: ServerRequest) => Promise<ProvidedServer>;
