import { encodeCancelRequest } from "@trunkline/protocol";
import type { Endpoint } from "../options/endpoint.ts";
import type { ConnectionConfig } from "../options/parse-options.ts";
import type { Secret } from "../options/secret.ts";
import { openSocket } from "./open-socket.ts";
import { startTls } from "./start-tls.ts";
import { after } from "./timeouts.ts";
import { Wire } from "./wire.ts";

/** Whose query to cancel, and where. `overTls`: the session is encrypted, so the key must not go out in the clear. */
export interface CancelTarget {
  readonly endpoint: Endpoint;
  readonly overTls: boolean;
  readonly processId: number;
  readonly key: Secret<Uint8Array>;
}

/**
 * Asks the server, on a connection of its own, to cancel what the session runs. Resolves when the server has taken the
 * request (`true`), or when that failed or took longer than `limitMs` (`false`): nobody can do anything about it.
 */
export async function requestCancel(config: ConnectionConfig, target: CancelTarget, limitMs: number): Promise<boolean> {
  const { endpoint, overTls } = target;
  const giveUp = new AbortController();
  const stop = after(limitMs, () => giveUp.abort());
  const wire = new Wire({ endpoint, timeoutMs: limitMs, coalesceMs: 0 });
  const { keepAliveDelayMs } = config;
  try {
    const socket = await openSocket(endpoint, wire, {
      connectTimeoutMs: Number.POSITIVE_INFINITY,
      keepAliveDelayMs,
      signal: giveUp.signal,
    });
    const abort = (): void => void socket.destroy();
    giveUp.signal.addEventListener("abort", abort);
    try {
      const tls =
        overTls && config.tls.type === "on" ? { ...config.tls, plaintextAllowed: false } : { type: "off" as const };
      const negotiated = await startTls(socket, wire, tls);
      const closed = new Promise<void>((resolve) => negotiated.socket.once("close", () => resolve()));
      negotiated.socket.on("error", () => {});
      // The server closes when it has passed the signal on.
      negotiated.socket.end(encodeCancelRequest({ processId: target.processId, key: target.key.reveal() }));
      negotiated.socket.resume();
      await closed;
      return !giveUp.signal.aborted;
    } finally {
      socket.on("error", () => {});
      socket.destroy();
    }
  } catch {
    return false;
  } finally {
    stop();
  }
}
