import { ProtocolError } from "../protocol-error.ts";
import type { ScramChannelBinding } from "./scram.ts";

/** libpq's `channel_binding`: use it, use it if possible, or fail without it. */
export type ChannelBindingPolicy = "disable" | "prefer" | "require";

/** What is known when the server has offered its mechanisms. */
export interface ScramChoice {
  /** The mechanisms of AuthenticationSASL. */
  readonly mechanisms: readonly string[];
  /** Default `"prefer"`. */
  readonly policy?: ChannelBindingPolicy;
  /** Whether the connection is encrypted. */
  readonly tls: boolean;
  /** What `tlsServerEndPoint` said of the server's certificate; `undefined` without TLS or without such a hash. */
  readonly endPoint: Uint8Array | undefined;
}

/**
 * Chooses the mechanism and the channel binding: -PLUS whenever both sides can.
 * @throws ProtocolError `authentication_unsupported` when no offered mechanism is known, or channel binding is required
 * and impossible; `server_unverified` when -PLUS is offered without TLS, which only somebody in between would do.
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CHANNEL-BINDING
 */
export function chooseScram({ mechanisms, policy = "prefer", tls, endPoint }: ScramChoice): ScramChannelBinding {
  const plus = mechanisms.includes("SCRAM-SHA-256-PLUS");
  if (plus && !tls) {
    throw new ProtocolError("server_unverified", "The server offers SCRAM-SHA-256-PLUS on a connection without TLS.");
  }
  if (plus && endPoint !== undefined && policy !== "disable") return { type: "tlsServerEndPoint", data: endPoint };
  if (policy === "require") throw unsupported("Channel binding is required, and not possible here", mechanisms);
  if (!mechanisms.includes("SCRAM-SHA-256")) throw unsupported("No SASL mechanism that we know", mechanisms);
  // "notOffered" tells the server that -PLUS was missing from its list. It was: with -PLUS there and a hash at hand, only
  // the policy "disable" comes this far.
  return { type: endPoint !== undefined && policy !== "disable" ? "notOffered" : "unsupported" };
}

function unsupported(what: string, mechanisms: readonly string[]): ProtocolError {
  const list = mechanisms.map((mechanism) => JSON.stringify(mechanism)).join(", ") || "nothing";
  return new ProtocolError("authentication_unsupported", `${what}: the server offers ${list}.`);
}
