import { startReplication } from "@trunkline/protocol";
import {
  type Callbacks,
  type DONE,
  noreply,
  ReplicationConnection,
  type ReplicationOptions,
  stream,
} from "@trunkline/replication";
import type { AnyActorRef } from "xstate";
import { ourOptions } from "./our-options.ts";
import type { ClientTask } from "./task.ts";

type State = Readonly<Record<never, never>>;
type Takes = Pick<Callbacks<State, unknown, unknown, unknown>, "handleData" | "handleBytes">;

/** Runs a ReplicationConnection, below `parent` if there is one, that hands every payload to `onData`, and does nothing else. */
export async function runOurConnection(
  task: ClientTask,
  onData: (payload: Uint8Array) => void,
  options: ReplicationOptions = {},
  parent?: AnyActorRef,
): Promise<void> {
  const takes: Takes = {
    handleData: (data, state) => {
      if (isPayload(data)) onData(data);
      return noreply(state);
    },
  };
  await run(task, takes, options, parent);
}

/** The same, each payload as a range of a slab: for what reads bytes where they stand. */
export async function runOurDecoder(
  task: ClientTask,
  onBytes: (slab: Uint8Array, from: number, to: number) => void,
): Promise<void> {
  const takes: Takes = {
    handleData: (_done, state) => noreply(state),
    handleBytes: (slab, from, to, state) => {
      onBytes(slab, from, to);
      return noreply(state);
    },
  };
  await run(task, takes, {});
}

async function run(task: ClientTask, takes: Takes, options: ReplicationOptions, parent?: AnyActorRef): Promise<void> {
  const sql = startReplication({ slot: task.slot, publications: [task.publication] });
  const connection = ReplicationConnection.define<State>({
    init: () => ({}),
    handleConnect: (state) => stream(sql, state),
    ...takes,
    handleResult: (result) => {
      throw result instanceof Error ? result : new Error("The stream ended.");
    },
  });
  const place = parent === undefined ? {} : { parent };
  await connection.startLink(undefined, { ...ourOptions(task), ...options, ...place });
}

function isPayload(data: Uint8Array | typeof DONE): data is Uint8Array {
  return typeof data === "object";
}
