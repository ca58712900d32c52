import { connect, type Socket } from "node:net";
import type { Endpoint } from "../options/endpoint.ts";
import { ConnectionError, connectionErrorFrom, type Transport } from "./connection-error.ts";
import { after } from "./timeouts.ts";
import type { Wire } from "./wire.ts";

/** How to open a socket. `signal` gives up. */
export interface OpenSocketOptions {
  readonly connectTimeoutMs: number;
  readonly keepAliveDelayMs: number;
  readonly signal: AbortSignal;
}

/**
 * Connects a socket that reads into the wire's slab. TCP keepalive is on, Nagle's delay off.
 * @throws ConnectionError `refused`, `timeout`, `aborted` …; no socket is left then.
 */
export function openSocket(endpoint: Endpoint, wire: Wire, options: OpenSocketOptions): Promise<Socket> {
  const { connectTimeoutMs, keepAliveDelayMs, signal } = options;
  const transport: Transport = endpoint.type === "unix" ? "unix" : "tcp";
  const details = { transport, action: "connect", endpoint } as const;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortError(endpoint, transport, signal));
      return;
    }
    const address =
      endpoint.type === "unix"
        ? { path: endpoint.path }
        : { host: endpoint.host, port: endpoint.port, noDelay: true, keepAlive: true };
    const socket = connect({ ...address, keepAliveInitialDelay: finite(keepAliveDelayMs), onread: wire.onread });

    const settle = (finish: () => void): void => {
      stopTimer();
      signal.removeEventListener("abort", onAbort);
      socket.removeListener("connect", onConnect);
      socket.removeListener("error", onError);
      finish();
    };
    const fail = (error: Error): void =>
      settle(() => {
        socket.on("error", ignore); // what destroying may still report
        socket.destroy();
        reject(error);
      });
    const onConnect = (): void =>
      settle(() => {
        socket.on("error", ignore); // whoever waits for the socket listens too; an error nobody hears ends the process
        resolve(socket);
      });
    const onError = (cause: Error): void => fail(connectionErrorFrom(cause, { ...details, cause }));
    const onAbort = (): void => fail(abortError(endpoint, transport, signal));
    const stopTimer = after(connectTimeoutMs, () =>
      fail(new ConnectionError(`No connection after ${connectTimeoutMs} ms.`, { ...details, kind: "timeout" })),
    );
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("connect", onConnect);
    socket.on("error", onError);
  });
}

/** The error of an attempt that was given up; `cause` is the signal's reason. */
export function abortError(endpoint: Endpoint, transport: Transport, signal: AbortSignal): ConnectionError {
  const details = { kind: "aborted", transport, action: "connect", endpoint, cause: signal.reason } as const;
  return new ConnectionError("The attempt was given up.", details);
}

/** `Infinity` leaves the operating system's own delay (two hours, usually). */
const finite = (delayMs: number): number => (Number.isFinite(delayMs) ? delayMs : 0);

const ignore = (): void => {};
