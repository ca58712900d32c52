import { startReplication } from "@trunkline/protocol";
import { type DONE, noreply, ReplicationConnection, type ReplicationOptions, stream } from "@trunkline/replication";
import type { AnyActorRef } from "xstate";
import { ourOptions } from "./our-options.ts";
import type { ClientTask } from "./task.ts";

type State = Readonly<Record<never, never>>;

/** Runs a ReplicationConnection, below `parent` if there is one, that hands every payload to `onData`, and does nothing else. */
export async function runOurConnection(
  task: ClientTask,
  onData: (payload: Uint8Array) => void,
  options: ReplicationOptions = {},
  parent?: AnyActorRef,
): Promise<void> {
  const sql = startReplication({ slot: task.slot, publications: [task.publication] });
  const connection = ReplicationConnection.define<State>({
    init: () => ({}),
    handleConnect: (state) => stream(sql, state),
    handleData: (data, state) => {
      if (isPayload(data)) onData(data);
      return noreply(state);
    },
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
