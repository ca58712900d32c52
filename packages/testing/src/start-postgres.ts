import { containerServer } from "./container/container-provider.ts";
import { embeddedServer } from "./embedded/embedded-provider.ts";
import { TestingError } from "./errors.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { openServer, type PostgresServer } from "./postgres-server.ts";
import { defaultPostgresVersion, type PostgresVersion, parsePostgresVersion } from "./postgres-version.ts";
import type { ProvidedServer, ServerRequest } from "./provider.ts";
import type { ServerSettings } from "./server-settings.ts";
import type { ServerCertificates } from "./tls/certificate-authority.ts";
import { serverByUrl } from "./url-provider.ts";

/** Ways to come by a server of our own: the binaries of npm, or a container of an image. */
export type ServerProvider = "embedded" | "testcontainers";

/** Which server, and how it is set up. */
export interface StartPostgresOptions {
  /** A server that runs already. Can't be combined with the others, which need a server of our own. */
  readonly url?: string;
  /** Where a server of our own comes from; default `TRUNKLINE_TEST_POSTGRES_PROVIDER`, else `"embedded"`. */
  readonly provider?: ServerProvider;
  /**
   * Image of the container, with `initdb` and `postgres` on its PATH and a user `postgres`; default `postgres:<version>`.
   * Only with the provider `"testcontainers"`, which it implies, and without `version`.
   */
  readonly image?: string;
  /** Major version; default `TRUNKLINE_TEST_POSTGRES_VERSION`, else 18. */
  readonly version?: PostgresVersion;
  /** Settings on top of `baseSettings`. */
  readonly settings?: ServerSettings;
  /** Lines of `pg_hba.conf` before the ones that trust everybody on loopback; the first that matches decides. */
  readonly hba?: readonly string[];
  /**
   * TLS for whoever asks for it, with a fresh certificate for `localhost` and 127.0.0.1 (`true`), or with the one given;
   * default false. Clients that show a certificate of the same authority can be let in by `hba` (`cert`).
   */
  readonly ssl?: boolean | ServerCertificates;
}

const optionNames = [
  "url",
  "provider",
  "image",
  "version",
  "settings",
  "hba",
  "ssl",
] as const satisfies readonly (keyof StartPostgresOptions)[];

/**
 * A Postgres server for tests, ready for connections, with `wal_level = logical`. It is the one of `url` or of
 * `TRUNKLINE_TEST_POSTGRES_URL`; else, and whenever another option asks for a server of its own, one of `provider`.
 * @throws TestingError `option_invalid`, `server_unsuitable`, `server_failed`; embedded: `binaries_missing`,
 *   `platform_unsupported`, `cache_untrusted`; in a container: `testcontainers_missing`, `engine_missing`, `container_failed`
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  refuseUnknownOptions(options, optionNames, "startPostgres");
  const provided = await provide(options);
  try {
    return await openServer(provided);
  } catch (error) {
    await provided.release();
    throw error;
  }
}

async function provide(options: StartPostgresOptions): Promise<ProvidedServer> {
  const { url, ...own } = options;
  const needsOwn = Object.values(own).some((option) => option !== undefined);
  if (url !== undefined) {
    if (needsOwn)
      throw new TestingError("option_invalid", `url can't be combined with ${Object.keys(own).join(", ")}.`);
    return serverByUrl(url);
  }
  const given = fromEnvironment("TRUNKLINE_TEST_POSTGRES_URL");
  if (given !== undefined && !needsOwn) return serverByUrl(given);
  return provideOwn(options);
}

async function provideOwn(options: StartPostgresOptions): Promise<ProvidedServer> {
  const { image } = options;
  const provider = providerOf(options);
  if (image !== undefined && (provider !== "testcontainers" || options.version !== undefined)) {
    const other = provider === "testcontainers" ? "version" : `the provider ${provider}`;
    throw new TestingError("option_invalid", `image can't be combined with ${other}.`);
  }
  const request: ServerRequest = {
    version: versionOf(options),
    settings: options.settings ?? {},
    hba: options.hba ?? [],
    ssl: options.ssl ?? false,
  };
  switch (provider) {
    case "embedded":
      return embeddedServer(request);
    case "testcontainers":
      return containerServer(request, image ?? `postgres:${request.version}`);
    default:
      throw unknownProvider(provider);
  }
}

function providerOf({ provider, image }: StartPostgresOptions): ServerProvider {
  if (provider !== undefined) return provider;
  if (image !== undefined) return "testcontainers";
  const text = fromEnvironment("TRUNKLINE_TEST_POSTGRES_PROVIDER") ?? "embedded";
  if (text === "embedded" || text === "testcontainers") return text;
  throw unknownProvider(text);
}

function unknownProvider(provider: string): TestingError {
  return new TestingError("option_invalid", `No such provider: "${provider}"; known are embedded, testcontainers.`);
}

function versionOf({ version }: StartPostgresOptions): PostgresVersion {
  const text = version === undefined ? fromEnvironment("TRUNKLINE_TEST_POSTGRES_VERSION") : String(version);
  return text === undefined ? defaultPostgresVersion : parsePostgresVersion(text);
}

function fromEnvironment(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}
