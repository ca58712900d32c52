import { parseBackendMessage } from "@trunkline/protocol";
import { type Endpoint, formatEndpoint } from "../options/endpoint.ts";
import type { ConnectionConfig } from "../options/parse-options.ts";
import { ConnectionError } from "./connection-error.ts";
import { handshake } from "./handshake.ts";
import { Inbox } from "./inbox.ts";
import { abortError, openSocket } from "./open-socket.ts";
import { checkServerType } from "./server-type.ts";
import { Session } from "./session.ts";
import type { SessionListeners } from "./session-listeners.ts";
import { startTls } from "./start-tls.ts";
import { after, HandshakeTimeout } from "./timeouts.ts";
import { Wire } from "./wire.ts";

/** What an attempt is about to wait for: the socket, the server's consent, its readiness. */
export type OpeningPhase = "connecting" | "authenticating" | "starting";

/** How to open a session. */
export interface OpenSessionOptions {
  /** Gives up at once: the error is ConnectionError `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens on the session, from its first message on. Default: nobody is. */
  readonly listeners?: SessionListeners | undefined;
  /** Told of each step of each endpoint. */
  readonly onPhase?: ((phase: OpeningPhase, endpoint: Endpoint) => void) | undefined;
}

/**
 * Tries the endpoints in order and resolves with the first session that is ready and of the wanted server type.
 * @throws the endpoint's own error (ConnectionError, HandshakeTimeout, AuthenticationError, PostgresError) when there is
 * one endpoint; else ConnectionError `all_endpoints_failed`, which lists them. No socket or timer is left then.
 */
export async function openSession(config: ConnectionConfig, options: OpenSessionOptions = {}): Promise<Session> {
  const signal = options.signal ?? new AbortController().signal;
  const errors: Error[] = [];
  for (const endpoint of config.endpoints) {
    try {
      return await attempt(endpoint, config, signal, options);
    } catch (error) {
      if (!(error instanceof Error) || config.endpoints.length === 1 || signal.aborted) throw error;
      errors.push(error);
    }
  }
  const lines = config.endpoints.map((endpoint, index) => {
    const error = errors[index];
    return `\n  ${formatEndpoint(endpoint)}: ${error?.name}: ${error?.message}`;
  });
  throw new ConnectionError(`None of ${errors.length} endpoints could be used:${lines.join("")}\n`, {
    kind: "all_endpoints_failed",
    transport: "tcp",
    action: "connect",
    errors,
  });
}

async function attempt(
  endpoint: Endpoint,
  config: ConnectionConfig,
  signal: AbortSignal,
  { listeners = {}, onPhase }: OpenSessionOptions,
): Promise<Session> {
  const { timeoutMs, coalesceMs, connectTimeoutMs, keepAliveDelayMs, handshakeTimeoutMs } = config;
  const wire = new Wire({ endpoint, timeoutMs, coalesceMs });
  onPhase?.("connecting", endpoint);
  const socket = await openSocket(endpoint, wire, { connectTimeoutMs, keepAliveDelayMs, signal });

  const shake = async (): Promise<Session> => {
    onPhase?.("authenticating", endpoint);
    const negotiated = await startTls(socket, wire, config.tls);
    const inbox = new Inbox((typeByte, body) => {
      const message = parseBackendMessage(typeByte, body);
      // What follows is the session's.
      if (message.type === "readyForQuery") wire.hold();
      return message;
    });
    wire.attach(negotiated.socket, negotiated.transport, inbox);
    const greeting = await handshake(config, wire, inbox, {
      onNotice: (report) => listeners.notice?.(report),
      onAuthenticated: () => onPhase?.("starting", endpoint),
    });
    // Until the server's type is known the session is nobody's: its end is this attempt's error.
    let ready = false;
    const session = new Session(wire, config, greeting, {
      ...listeners,
      closed: (reason) => {
        if (ready) listeners.closed?.(reason);
      },
    });
    wire.release();
    await checkServerType(session, config);
    if (session.reason !== undefined) throw session.reason;
    ready = true;
    return session;
  };

  const guard = guarded(endpoint, handshakeTimeoutMs, signal, wire);
  try {
    return await Promise.race([shake(), guard.interrupted]);
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error("The handshake failed.", { cause });
    wire.destroy(error);
    socket.destroy();
    throw error;
  } finally {
    guard.lift();
  }
}

/** A promise that rejects at the limit, or when the signal says so. */
function guarded(
  endpoint: Endpoint,
  limitMs: number,
  signal: AbortSignal,
  wire: Wire,
): { readonly interrupted: Promise<never>; lift(): void } {
  let lift = (): void => {};
  const interrupted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(abortError(endpoint, wire.transport, signal));
    const stopTimer = after(limitMs, () => reject(new HandshakeTimeout(endpoint, limitMs)));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    lift = () => {
      stopTimer();
      signal.removeEventListener("abort", onAbort);
    };
  });
  return { interrupted, lift: () => lift() };
}
