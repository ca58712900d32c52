import { embeddedServer } from "./embedded/embedded-provider.ts";
import { TestingError } from "./errors.ts";
import { openServer, type PostgresServer } from "./postgres-server.ts";
import { defaultPostgresVersion, type PostgresVersion, parsePostgresVersion } from "./postgres-version.ts";
import type { ProvidedServer } from "./provider.ts";
import type { ServerSettings } from "./server-settings.ts";
import type { ServerCertificates } from "./tls/certificate-authority.ts";
import { serverByUrl } from "./url-provider.ts";

/** Which server, and how it is set up. */
export interface StartPostgresOptions {
  /** A server that runs already. Can't be combined with the others, which need a server of our own. */
  readonly url?: string;
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

/**
 * A Postgres server for tests, ready for connections, with `wal_level = logical`. It is the one of `url` or of
 * `TRUNKLINE_TEST_POSTGRES_URL`; else, and whenever another option asks for a server of its own, an embedded one.
 * @throws TestingError `option_invalid`, `server_unsuitable`, `binaries_missing`, `platform_unsupported`,
 *   `cache_untrusted`, `server_failed`
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
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
  const given = process.env["TRUNKLINE_TEST_POSTGRES_URL"];
  if (given !== undefined && given !== "" && !needsOwn) return serverByUrl(given);
  return embeddedServer({
    version: options.version === undefined ? versionFromEnvironment() : parsePostgresVersion(String(options.version)),
    settings: options.settings ?? {},
    hba: options.hba ?? [],
    ssl: options.ssl ?? false,
  });
}

function versionFromEnvironment(): PostgresVersion {
  const text = process.env["TRUNKLINE_TEST_POSTGRES_VERSION"];
  return text === undefined || text === "" ? defaultPostgresVersion : parsePostgresVersion(text);
}
