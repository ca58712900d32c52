import { type Endpoint, formatEndpoint } from "../options/endpoint.ts";

/** What carries the bytes. */
export type Transport = "tcp" | "tls" | "unix";

/** What was being done when it failed. */
export type ConnectionAction = "connect" | "handshake" | "send" | "receive";

/** What a person does about each kind. The error's message is what happened, then this. */
const remedies = {
  closed: "The server or something between ended the connection: see the server's log, then connect again.",
  reset: "The connection was cut without a goodbye: see whether the server crashed or a firewall intervened.",
  refused: "Nothing listens there: check host and port, and that the server is running.",
  timeout: "Check the network and the firewalls on the way, or raise the limit.",
  unreachable: "There is no route to the host: check the network.",
  not_found: "Check the name of the host, or the path of the socket.",
  denied: "Check the permissions of the socket.",
  tls_unavailable: "Turn ssl on in postgresql.conf, or, where plaintext will do, connect with ssl: false.",
  tls_failed:
    "Give the authority's certificate as ssl.ca (sslrootcert), or the name in the certificate as ssl.servername.",
  wrong_server_type: "Add the other servers to endpoints, or set targetServerType to any.",
  protocol: "The other side does not speak Postgres' protocol 3: check host and port.",
  aborted: "Whoever asked for the connection has given it up.",
  all_endpoints_failed: "See the errors of each endpoint.",
  other: "See the cause.",
} as const;

/** What went wrong, for programs. The list only grows. */
export type ConnectionErrorKind = keyof typeof remedies;

/** What {@link ConnectionError} is made of. `errors`: one for each endpoint, when several were tried. */
export interface ConnectionErrorDetails extends ErrorOptions {
  readonly kind: ConnectionErrorKind;
  readonly transport: Transport;
  readonly action: ConnectionAction;
  readonly endpoint?: Endpoint | undefined;
  readonly errors?: readonly Error[];
}

/**
 * The connection can't be made or is gone. Branch on `kind`, or on `code`, which is the kind after `connection_`.
 * `cause` is the operating system's, Node's or the parser's error.
 */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly kind: ConnectionErrorKind;
  readonly code: `connection_${ConnectionErrorKind}`;
  readonly transport: Transport;
  readonly action: ConnectionAction;
  readonly endpoint: Endpoint | undefined;
  /** The error of each endpoint in the order of the attempts; empty when just one was tried. */
  readonly errors: readonly Error[];

  constructor(what: string, details: ConnectionErrorDetails) {
    const { kind, transport, action, endpoint, errors = [] } = details;
    const where = endpoint === undefined ? "" : ` (${formatEndpoint(endpoint)})`;
    super(`${transport} ${action}${where}: ${what} ${remedies[kind]}`, details);
    this.kind = kind;
    this.code = `connection_${kind}`;
    this.transport = transport;
    this.action = action;
    this.endpoint = endpoint;
    this.errors = errors;
  }
}

const kinds: Readonly<Record<string, ConnectionErrorKind>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ENOTFOUND: "not_found",
  EAI_AGAIN: "not_found",
  ENOENT: "not_found",
  EACCES: "denied",
  EPERM: "denied",
};

/** The kind of an error of Node's `net`, `dns` or `tls`, by its `code`. */
export function kindOf(error: unknown, transport: Transport): ConnectionErrorKind {
  const code = codeOf(error);
  const known = code === undefined || !Object.hasOwn(kinds, code) ? undefined : kinds[code];
  if (known !== undefined) return known;
  return transport === "tls" ? "tls_failed" : "other";
}

/** An error of Node's as a {@link ConnectionError}; one that already is of ours stays as it is. */
export function connectionErrorFrom(cause: unknown, details: Omit<ConnectionErrorDetails, "kind">): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  const text = cause instanceof Error ? cause.message || (codeOf(cause) ?? cause.name) : String(cause);
  return new ConnectionError(`${text.trimEnd()}.`, { ...details, kind: kindOf(cause, details.transport), cause });
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  // Happy Eyeballs gives one error for all addresses: the first address' own error says more.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return typeof error.code === "string" ? error.code : undefined;
}
