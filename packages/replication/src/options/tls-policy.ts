import { readFileSync } from "node:fs";
import type { ConnectionOptions as NodeTlsOptions } from "node:tls";
import { ConfigError } from "./config-error.ts";
import { shown } from "./endpoint.ts";

/** libpq's words for how much TLS has to prove, plus node-postgres' `no-verify`. What each does: `tlsOfMode`. */
export type SslMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full" | "no-verify";

const modes: readonly SslMode[] = ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"];

/** Node's own TLS options (`ca`, `cert`, `key`, `servername`, `rejectUnauthorized` …); the connection picks the rest. */
export type SslOptions = Omit<NodeTlsOptions, "host" | "port" | "path" | "socket" | "lookup" | "timeout">;

/**
 * Whether to speak TLS. `plaintextAllowed`: go on without TLS when the server has none (`sslmode=prefer` only).
 * TLS is never spoken over a Unix socket, as in libpq.
 */
export type TlsPolicy =
  | { readonly type: "off" }
  | { readonly type: "on"; readonly plaintextAllowed: boolean; readonly options: SslOptions };

/** PEM files of a connection string or of the environment. */
export interface SslFiles {
  readonly rootCert?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * The policy of an `ssl` option: `true` verifies the certificate and the host name against the system's authorities;
 * an object does so too, unless it says `rejectUnauthorized: false`.
 * @throws ConfigError `option_invalid`
 */
export function tlsOfOption(ssl: unknown): TlsPolicy {
  if (ssl === false) return { type: "off" };
  if (ssl === true) return { type: "on", plaintextAllowed: false, options: {} };
  if (typeof ssl === "object" && ssl !== null && !Array.isArray(ssl)) {
    return { type: "on", plaintextAllowed: false, options: { ...ssl } };
  }
  const mode = modes.find((known) => known === ssl);
  const hint = mode === undefined ? "" : ` (for libpq's modes put "?sslmode=${mode}" into the connection string)`;
  throw new ConfigError("option_invalid", `ssl must be true, false or TLS options${hint}, not ${shown(ssl)}.`, {
    option: "ssl",
  });
}

/**
 * The policy of an `sslmode`. `require` verifies like `verify-full`: encryption to nobody in particular protects from
 * little, so going without a check has to be said (`no-verify`). `prefer` does not verify, since plaintext would do.
 * @param option the name to blame: `sslmode` or `PGSSLMODE`.
 * @throws ConfigError `option_invalid` for another mode, `option_missing` for `verify-ca` without a root certificate
 * @see https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 */
export function tlsOfMode(mode: string, files: SslFiles, option: string): TlsPolicy {
  const known = modes.find((candidate) => candidate === mode);
  if (known === undefined) {
    const hint = mode === "allow" ? 'use "prefer"' : `one of ${modes.join(", ")}`;
    throw new ConfigError("option_invalid", `${option} ${shown(mode)} is not supported: ${hint}.`, { option });
  }
  if (known === "disable") return { type: "off" };
  const options = readFiles(files, option);
  switch (known) {
    case "prefer":
      return { type: "on", plaintextAllowed: true, options: { ...options, rejectUnauthorized: false } };
    case "no-verify":
      return { type: "on", plaintextAllowed: false, options: { ...options, rejectUnauthorized: false } };
    case "require":
    case "verify-full":
      return { type: "on", plaintextAllowed: false, options };
    case "verify-ca": {
      if (files.rootCert === undefined) {
        const what = `${option} "verify-ca" without a root certificate accepts every server that a public authority knows: set sslrootcert, or take "verify-full".`;
        throw new ConfigError("option_missing", what, { option });
      }
      return { type: "on", plaintextAllowed: false, options: { ...options, checkServerIdentity: () => undefined } };
    }
  }
}

function readFiles(files: SslFiles, option: string): SslOptions {
  const read = (path: string, name: string): string => {
    try {
      return readFileSync(path, "utf8");
    } catch (cause) {
      throw new ConfigError("option_invalid", `${name} (used by ${option}) can't be read: ${shown(path)}.`, {
        cause,
        option: name,
      });
    }
  };
  return {
    // "system" is libpq's word for the authorities of the system, which are Node's default.
    ...(files.rootCert !== undefined && files.rootCert !== "system" ? { ca: read(files.rootCert, "sslrootcert") } : {}),
    ...(files.cert !== undefined ? { cert: read(files.cert, "sslcert") } : {}),
    ...(files.key !== undefined ? { key: read(files.key, "sslkey") } : {}),
  };
}
