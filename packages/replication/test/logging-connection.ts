import { makeRuntime, silentLogger } from "@trunkline/process";
import { copyBothResponse, type Peer, type Script, scriptedServer } from "@trunkline/testing";
import type { Callbacks } from "../src/callbacks.ts";
import { DONE } from "../src/done.ts";
import { noreply, stream } from "../src/instruction.ts";
import type { StartLinkOptions } from "../src/options/replication-options.ts";
import { ReplicationConnection } from "../src/replication-connection.ts";

export type Log = string[];
export type Wanted = Partial<Callbacks<Log, unknown, unknown, unknown>>;

/** A connection whose state is the log of what it saw. */
export const logging = (callbacks: Wanted) =>
  ReplicationConnection.define<Log>({
    init: () => [],
    handleConnect: (log) => noreply([...log, "connect"]),
    handleDisconnect: (reason, log) =>
      noreply([...log, `disconnect ${reason instanceof Error ? reason.name : reason}`]),
    handleData: (data, log) => noreply([...log, data === DONE ? "DONE" : Buffer.from(data).toString()]),
    handleResult: (results, log) => noreply([...log, results instanceof Error ? results.message : "results"]),
    ...callbacks,
  });

export const quiet = makeRuntime({ logger: silentLogger });

export async function started(callbacks: Wanted, options: StartLinkOptions) {
  const ref = await logging(callbacks).startLink(undefined, { statusUpdates: false, runtime: quiet, ...options });
  if (ref === undefined) throw new Error("The start was ignored.");
  return ref;
}

export const startCode = (start: Promise<unknown>): Promise<unknown> =>
  start.then(
    () => "started",
    (error: { readonly code?: string; readonly reason?: unknown }) => ({ code: error.code, reason: error.reason }),
  );

export const login: Script = async (peer) => void (await peer.login());
export const loginAndStream = async (peer: Peer): Promise<void> => {
  await peer.login();
  await peer.expectQuery();
  peer.send(copyBothResponse());
};
export const goodbye = async (peer: Peer): Promise<void> => {
  await peer.expectTerminate();
  await peer.expectEnd();
  peer.halfClose();
};
export const streaming: Wanted = { handleConnect: (log) => stream("START_REPLICATION …", [...log, "connect"]) };

/** A port on which nothing listens any more. */
export async function closedPort(): Promise<string> {
  const server = await scriptedServer(login);
  await server.close();
  return server.url;
}
