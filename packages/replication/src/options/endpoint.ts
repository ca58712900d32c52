import { ConfigError } from "./config-error.ts";

/** Where a server listens: a TCP host and port, or the path of a Unix socket (abstract when it starts with a zero byte). */
export type Endpoint =
  | { readonly type: "tcp"; readonly host: string; readonly port: number }
  | { readonly type: "unix"; readonly path: string };

/** `host:port`, or the socket's path, as it is shown in errors. An abstract socket shows as `@name`. */
export function formatEndpoint(endpoint: Endpoint): string {
  switch (endpoint.type) {
    case "tcp":
      return endpoint.host.includes(":") ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
    case "unix":
      return endpoint.path.replace(/^\0/, "@");
  }
}

/**
 * A TCP port from a number or a numeric string.
 * @throws ConfigError `option_invalid`, unless it is an integer from 1 to 65535.
 */
export function parsePort(port: unknown, option: string): number {
  const value = typeof port === "string" && /^\d{1,5}$/.test(port.trim()) ? Number(port) : port;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new ConfigError("option_invalid", `${option} must be a port from 1 to 65535, not ${shown(port)}.`, {
      option,
    });
  }
  return value;
}

/**
 * What a host names: `/run/postgresql` and `C:\\sockets` are directories of a Unix socket, `@name` an abstract one,
 * anything else a TCP host. An IPv6 address may stand in brackets.
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOST
 */
export function endpointOf(host: string, port: number): Endpoint {
  if (/^(?:\/|@|[A-Za-z]:[\\/])/.test(host)) return socketIn(host, port);
  return { type: "tcp", host: host.replace(/^\[(.+)\]$/, "$1"), port };
}

/** The socket a server with this port makes in a directory. */
export function socketIn(directory: string, port: number): Endpoint {
  return socketAt(`${directory.replace(/(.)\/+$/, "$1")}/.s.PGSQL.${port}`);
}

/** The socket with this path; a leading `@` stands for the zero byte of Linux' abstract names. */
export function socketAt(path: string): Endpoint {
  return { type: "unix", path: path.replace(/^@/, "\0") };
}

/** A value in an error's text, short and on one line. Never used for what may be secret. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}
