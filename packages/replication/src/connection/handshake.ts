import type { ServerReport } from "@trunkline/protocol";
import {
  type AuthenticationMessage,
  type BackendMessage,
  encodeStartupMessage,
  PostgresError,
} from "@trunkline/protocol";
import type { ConnectionConfig } from "../options/parse-options.ts";
import { Secret } from "../options/secret.ts";
import { authenticate } from "./authenticate.ts";
import type { Inbox } from "./inbox.ts";
import type { Wire } from "./wire.ts";

/** What the server says of itself while it starts a session. */
export interface Greeting {
  /** Process id of the backend; 0 when the server did not say. */
  readonly processId: number;
  /** What a cancel request needs; `undefined` when the server did not say. */
  readonly cancelKey: Secret<Uint8Array> | undefined;
  /** `server_version`, `TimeZone` … by name; kept current during the session. */
  readonly parameters: Map<string, string>;
}

/** Notices during the handshake go to `onNotice`; `onAuthenticated` is called between login and readiness. */
export interface HandshakeListeners {
  onNotice(report: ServerReport): void;
  onAuthenticated(): void;
}

/**
 * From the StartupMessage to ReadyForQuery. Ends with the first error; closing the wire is the caller's.
 * @throws PostgresError when the server refuses, AuthenticationError when we do, ConnectionError when the wire ends
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP
 */
export async function handshake(
  config: ConnectionConfig,
  wire: Wire,
  inbox: Inbox,
  listeners: HandshakeListeners,
): Promise<Greeting> {
  const { user, database } = config;
  wire.write(encodeStartupMessage({ user, database, ...config.parameters }));
  const send = (bytes: Uint8Array): void => wire.write(bytes);
  const next = async (): Promise<AuthenticationMessage> => {
    for (;;) {
      const message = await inbox.next();
      if (isAuthentication(message)) return message;
      absorb(message, listeners, wire);
    }
  };
  await authenticate(config, { next, send, tlsSocket: wire.tlsSocket });
  listeners.onAuthenticated();

  const parameters = new Map<string, string>();
  let processId = 0;
  let cancelKey: Secret<Uint8Array> | undefined;
  for (;;) {
    const message = await inbox.next();
    switch (message.type) {
      case "parameterStatus":
        parameters.set(message.name, message.value);
        break;
      case "backendKeyData":
        processId = message.processId;
        cancelKey = new Secret(message.key);
        break;
      case "readyForQuery":
        return { processId, cancelKey, parameters };
      default:
        absorb(message, listeners, wire);
    }
  }
}

function isAuthentication(message: BackendMessage): message is AuthenticationMessage {
  return message.type.startsWith("authentication");
}

/** What may come at any time is taken in; an error is thrown; anything else does not belong here. */
function absorb(message: BackendMessage, listeners: HandshakeListeners, wire: Wire): void {
  switch (message.type) {
    case "noticeResponse":
      listeners.onNotice(message.report);
      return;
    case "parameterStatus":
    case "notificationResponse":
    case "negotiateProtocolVersion":
      return;
    case "errorResponse":
      throw new PostgresError(message.report);
    default:
      throw wire.failure("protocol", "handshake", `The server sent ${message.type} before it was ready.`);
  }
}
