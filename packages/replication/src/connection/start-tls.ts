import { isIP, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { encodeSslRequest } from "@trunkline/protocol";
import type { Endpoint } from "../options/endpoint.ts";
import type { SslOptions, TlsPolicy } from "../options/tls-policy.ts";
import { ConnectionError, connectionErrorFrom } from "./connection-error.ts";
import type { Wire } from "./wire.ts";

/** What came of asking for TLS. */
export interface Negotiated {
  readonly socket: Socket;
  readonly transport: "tcp" | "tls" | "unix";
}

const YES = "S".charCodeAt(0);
const NO = "N".charCodeAt(0);
const ERROR = "E".charCodeAt(0);

/**
 * Asks the server for TLS, if the policy says so, and shakes hands. A Unix socket stays as it is. `socket.destroy()`
 * ends it at any point.
 * @throws ConnectionError `tls_unavailable`, `tls_failed`, `protocol`, `closed`
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 */
export async function startTls(socket: Socket, wire: Wire, tls: TlsPolicy): Promise<Negotiated> {
  const { endpoint } = wire;
  if (endpoint.type === "unix") return { socket, transport: "unix" };
  if (tls.type === "off") return { socket, transport: "tcp" };
  const answer = await askForTls(socket, wire);
  switch (answer) {
    case YES:
      return { socket: await shakeHands(socket, endpoint, tls.options, wire), transport: "tls" };
    case NO:
      if (tls.plaintextAllowed) return { socket, transport: "tcp" };
      throw failure(endpoint, "tls_unavailable", "The server has no TLS.");
    case ERROR:
      // Its text is not shown: whoever sits in between could have written it.
      throw failure(endpoint, "protocol", "The server answered the request for TLS with an error.");
    default:
      throw failure(endpoint, "protocol", "The server answered the request for TLS with something else.");
  }
}

function askForTls(socket: Socket, wire: Wire): Promise<number | undefined> {
  const { endpoint } = wire;
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      wire.onEarlyBytes = undefined;
      socket.removeListener("error", onError);
      socket.removeListener("close", onClose);
      finish();
    };
    const onError = (cause: Error): void =>
      settle(() => reject(connectionErrorFrom(cause, { transport: "tcp", action: "handshake", endpoint, cause })));
    const onClose = (): void => settle(() => reject(failure(endpoint, "closed", "No answer to the request for TLS.")));
    socket.on("error", onError);
    socket.on("close", onClose);
    wire.onEarlyBytes = () =>
      settle(() => {
        const { byte, waiting } = wire.takeEarlyByte();
        // Bytes sent along with the answer would be taken for bytes that TLS protects (CVE-2021-23222).
        if (waiting > 1 && byte !== ERROR) {
          reject(failure(endpoint, "protocol", "Bytes came before the TLS handshake: somebody may be in between."));
        } else resolve(byte);
      });
    socket.write(encodeSslRequest());
  });
}

function shakeHands(socket: Socket, endpoint: Endpoint, options: SslOptions, wire: Wire): Promise<TLSSocket> {
  const host = endpoint.type === "tcp" ? endpoint.host : "localhost";
  return new Promise((resolve, reject) => {
    const secure = connect({
      ...(isIP(host) === 0 ? { servername: host } : {}), // SNI has names only
      ...options,
      // Said here, so that neither `undefined` nor NODE_TLS_REJECT_UNAUTHORIZED turns verification off.
      rejectUnauthorized: options.rejectUnauthorized ?? true,
      host,
      socket,
    });
    const settle = (finish: () => void): void => {
      secure.removeListener("secureConnect", onSecure);
      secure.removeListener("error", onError);
      secure.removeListener("close", onClose);
      finish();
    };
    const onSecure = (): void =>
      settle(() => {
        if (wire.bytesWaiting === 0) resolve(secure);
        else reject(failure(endpoint, "protocol", "Bytes came before the TLS handshake."));
      });
    const onError = (cause: Error): void =>
      settle(() => {
        secure.on("error", () => {});
        secure.destroy();
        reject(connectionErrorFrom(cause, { transport: "tls", action: "handshake", endpoint, cause }));
      });
    const onClose = (): void =>
      settle(() => reject(failure(endpoint, "closed", "The server ended the connection during the TLS handshake.")));
    secure.on("secureConnect", onSecure);
    secure.on("error", onError);
    secure.on("close", onClose);
  });
}

function failure(endpoint: Endpoint, kind: "tls_unavailable" | "protocol" | "closed", what: string): ConnectionError {
  return new ConnectionError(what, { kind, transport: "tls", action: "handshake", endpoint });
}
