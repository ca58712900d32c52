import type pg from "pg";
import { TestingError } from "./errors.ts";
import type { ProvidedServer, ServerControl, StopMode } from "./provider.ts";
import { connectClient, type TestClient } from "./test-client.ts";
import { createDatabase, type DatabaseHost, type TestDatabase } from "./test-database.ts";
import type { ServerCertificates } from "./tls/certificate-authority.ts";

/** A Postgres server for tests. `await using` ends it (one of our own) and removes everything it left on disk. */
export interface PostgresServer extends AsyncDisposable {
  /** A superuser's URL of the server's own database. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Directory of its unix socket; `undefined` for a server given by URL or in a container. */
  readonly socketDir: string | undefined;
  /** Major version, such as `18`. */
  readonly version: number;
  /** Full version as the server writes it, such as `"18.4"`. */
  readonly serverVersion: string;
  /** Its certificate and authority, when it was started with `ssl: true`. */
  readonly certificates: ServerCertificates | undefined;
  /** False while a server of our own is stopped, by us or by a crash. */
  readonly running: boolean;
  /** A connected superuser's client; `config` wins over the URL. */
  client(config?: pg.ClientConfig): Promise<TestClient>;
  /** A database for one test; the default name is unique. */
  database(name?: string): Promise<TestDatabase>;
  /**
   * Stops the server and waits until no process of it is left. `"immediate"` is a crash. Default `"fast"`, which waits
   * for walsenders whose client holds back its confirmation.
   * @throws TestingError `not_controllable` for a server given by URL, as do `start`, `reload` and `log`.
   */
  stop(mode?: StopMode): Promise<void>;
  /** Starts it again with the same data, port and socket. */
  start(): Promise<void>;
  /** Changes settings (`null` takes one back) and waits until new sessions see them; a stopped server sees them when it starts. */
  reload(settings: Readonly<Record<string, string | null>>): Promise<void>;
  /** Everything it has logged, in English. */
  log(): string;
}

const reloadAttempts = 1000;

/** Puts the conveniences of {@link PostgresServer} around what a provider made. */
export async function openServer(provided: ProvidedServer): Promise<PostgresServer> {
  const url = new URL(provided.url);
  const urlOf = (database: string) =>
    Object.assign(new URL(url), { pathname: `/${encodeURIComponent(database)}` }).href;
  const connect = (database?: string, config?: pg.ClientConfig) =>
    connectClient(database === undefined ? provided.url : urlOf(database), config);
  const control = (): ServerControl => {
    if (provided.control === undefined) throw new TestingError("not_controllable", "This server was given by URL.");
    return provided.control;
  };
  const host: DatabaseHost = { connect, urlOf, reachable: async () => provided.control?.running ?? answers(connect) };
  const { version, serverVersion } = await readVersion(connect);
  return {
    url: provided.url,
    host: url.hostname,
    port: url.port === "" ? 5432 : Number(url.port),
    socketDir: provided.socketDir,
    version,
    serverVersion,
    certificates: provided.certificates,
    get running() {
      return provided.control?.running ?? true;
    },
    client: (config) => connect(undefined, config),
    database: async (name) => {
      if (provided.control?.running === false) throw new TestingError("server_stopped", "No database can be made.");
      return createDatabase(host, name);
    },
    stop: async (mode = "fast") => control().stop(mode),
    start: async () => control().start(),
    reload: async (settings) => reload(control(), connect, settings),
    log: () => control().log(),
    [Symbol.asyncDispose]: () => provided.release(),
  };
}

type Connect = (database?: string, config?: pg.ClientConfig) => Promise<TestClient>;

async function readVersion(connect: Connect): Promise<{ version: number; serverVersion: string }> {
  await using client = await connect();
  const sql = "SELECT current_setting('server_version') AS text, current_setting('server_version_num')::int AS number";
  const found = await client.query<{ text: string; number: number }>(sql);
  const [row] = found.rows;
  return { version: Math.floor((row?.number ?? 0) / 10_000), serverVersion: row?.text ?? "" };
}

async function answers(connect: Connect): Promise<boolean> {
  return connect().then(
    (client) => client[Symbol.asyncDispose]().then(() => true),
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") return false;
      throw error;
    },
  );
}

/** The postmaster reads its files when it gets to the signal; sessions started after that have the new settings. */
async function reload(
  control: ServerControl,
  connect: Connect,
  settings: Readonly<Record<string, string | null>>,
): Promise<void> {
  if (!control.running) return control.configure(settings);
  const before = await loadTime(connect);
  const logged = control.log().length;
  await control.configure(settings);
  for (let attempt = 0; attempt < reloadAttempts; attempt += 1) {
    if ((await loadTime(connect)) !== before) return;
  }
  throw new TestingError(
    "server_failed",
    `The server did not read its settings again.\n${control.log().slice(logged)}`,
  );
}

async function loadTime(connect: Connect): Promise<string> {
  await using client = await connect();
  const found = await client.query<{ time: string }>("SELECT pg_conf_load_time()::text AS time");
  return found.rows[0]?.time ?? "";
}
