import { parse } from "pg-connection-string";
import { ConfigError } from "./config-error.ts";
import { nearMiss } from "./near-miss.ts";

/** What a connection string says; what it leaves empty is absent. Query parameters keep their libpq names. */
export interface ParsedUrl {
  readonly hosts: readonly { readonly host: string; readonly port: string | undefined }[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly parameters: Readonly<Partial<Record<UrlParameter, string>>>;
}

const urlParameters = [
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "application_name",
  "client_encoding",
  "options",
  "replication",
  "connect_timeout",
  "target_session_attrs",
  "require_auth",
  "channel_binding",
  "ssl",
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
] as const;

/** A parameter a connection string may carry after `?`, by libpq's name. */
export type UrlParameter = (typeof urlParameters)[number];

const option = "connectionString";
const invalid = (what: string, cause?: unknown): ConfigError =>
  new ConfigError("connection_string_invalid", what, cause === undefined ? { option } : { option, cause });

/**
 * Reads `postgres://user:password@host:port/database?name=value`. Several hosts stand side by side: `a:5432,b:5433`.
 * Errors never repeat the string, which may hold a password.
 * @throws ConfigError `connection_string_invalid`; `option_unknown` for a parameter that would be ignored
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function parseConnectionString(text: string): ParsedUrl {
  const parts = /^(postgres(?:ql)?:\/\/)(?:([^/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(text.trim());
  if (parts === null || parts[4]?.includes("@") === true) throw invalid(misreading(text));
  const [, scheme = "", userinfo, authority = "", path = "", query = ""] = parts;

  const hosts = authority === "" ? [] : authority.split(",").map(splitHost);
  // pg-connection-string knows neither several hosts nor which parameters are unknown: it gets the rest.
  const rest = `${scheme}${userinfo === undefined ? "" : `${userinfo}@`}localhost${path}`;
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(rest);
  } catch {
    throw invalid(
      "The connection string is not a URL; characters such as @ : / ? # % in a password are percent-encoded.",
    );
  }

  const parameters = parseQuery(query);
  return {
    hosts:
      parameters.host === undefined ? hosts : parameters.host.split(",").map((host) => ({ host, port: undefined })),
    user: given(parameters.user) ?? given(parsed.user),
    password: given(parameters.password) ?? given(parsed.password),
    database: given(parameters.dbname) ?? given(parsed.database),
    parameters,
  };
}

const given = (value: string | null | undefined): string | undefined =>
  value === null || value === undefined || value === "" ? undefined : value;

function misreading(text: string): string {
  if (/^\s*[a-z_]+\s*=/i.test(text)) {
    return "The connection string is in libpq's keyword=value form, which is not supported: it needs a URL, or options of their own (host, port, user …).";
  }
  if (/^\s*(?:\/|socket:)/i.test(text)) {
    return "The connection string names a socket: use the option socketDir or socket, or a URL with ?host=/directory.";
  }
  return "The connection string does not start with postgres:// or postgresql://, or has a raw @ / ? # in it, which is percent-encoded (%40 %2F %3F %23).";
}

function splitHost(text: string): { host: string; port: string | undefined } {
  const match = /^(\[[^\]]+\]|[^:]*)(?::(\d*))?$/.exec(text);
  if (match === null) throw invalid("A host of the connection string is not of the form host:port.");
  const [, host = "", port] = match;
  try {
    return { host: decodeURIComponent(host), port: given(port) };
  } catch {
    throw invalid("A host of the connection string is not percent-encoded correctly.");
  }
}

function parseQuery(query: string): Partial<Record<UrlParameter, string>> {
  const parameters: Partial<Record<UrlParameter, string>> = {};
  for (const [name, value] of new URLSearchParams(query.replaceAll("+", "%2B"))) {
    const known = urlParameters.find((candidate) => candidate === name);
    if (known === undefined) {
      const near = nearMiss(name, urlParameters);
      const hint =
        near === undefined
          ? "It would have no effect; server settings go into the option parameters."
          : `Did you mean "${near}"?`;
      throw new ConfigError("option_unknown", `The connection string has an unknown parameter "${name}". ${hint}`, {
        option: name,
      });
    }
    if (parameters[known] !== undefined) throw invalid(`The connection string has "${name}" twice.`);
    if (value !== "") parameters[known] = value;
  }
  return parameters;
}
