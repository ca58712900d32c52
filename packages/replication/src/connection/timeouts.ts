import { type Endpoint, formatEndpoint } from "../options/endpoint.ts";
import { ReplicationError } from "../replication-error.ts";

/** The server accepted the connection, but was not ready in time: TLS, authentication or start-up took too long. */
export class HandshakeTimeout extends Error {
  override readonly name = "HandshakeTimeout";
  readonly code = "handshake_timeout";
  readonly limitMs: number;
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint, limitMs: number) {
    super(
      `${formatEndpoint(endpoint)} accepted the connection, but was not ready after ${limitMs} ms. ` +
        "Check that it is a Postgres server and not overloaded, or raise handshakeTimeoutMs.",
    );
    this.limitMs = limitMs;
    this.endpoint = endpoint;
  }
}

/** A query was not finished at its deadline. It has been cancelled and its connection given up. */
export class QueryTimeout extends Error {
  override readonly name = "QueryTimeout";
  readonly code = "query_timeout";
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(
      `The query was not finished after ${limitMs} ms: it has been cancelled and the connection given up. ` +
        "Raise timeoutMs, or see in pg_stat_activity what it waited for.",
    );
    this.limitMs = limitMs;
  }
}

/** The error for a session that was given up at a deadline while it was doing `what`. */
export function deadlineError(what: string, limitMs: number): Error {
  if (what !== "startingStream") return new QueryTimeout(limitMs);
  return new ReplicationError("stream_start_timeout", `The stream had not begun after ${limitMs} ms.`);
}

/** Runs `action` after `limitMs`, unless the returned function is called before. `Infinity`: never. */
export function after(limitMs: number, action: () => void): () => void {
  if (limitMs === Number.POSITIVE_INFINITY) return () => {};
  const timer = setTimeout(action, limitMs);
  return () => clearTimeout(timer);
}
