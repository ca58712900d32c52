import { createPgoutputDecoder, isXLogData, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import {
  disconnect,
  encodeStandbyStatusUpdate,
  noreply,
  ReplicationConnection,
  startReplication,
  stream,
} from "../src/index.ts";
import type { Tally } from "./soak-tally.ts";

/** What the soak's consumer works with. */
export interface SoakOptions {
  readonly slot: string;
  readonly publication: string;
  readonly tally: Tally;
}

/**
 * A consumer that stores a transaction's ids when its Commit has come, and only then acknowledges the Commit's end. What a
 * lost connection leaves of a transaction is forgotten: the server sends it again.
 */
export function soakConsumer({ slot, publication, tally }: SoakOptions) {
  const decoder = createPgoutputDecoder();
  let transaction: number[] = [];
  return ReplicationConnection.define<null>(
    {
      init: () => null,
      handleConnect: (state) => {
        decoder.reset();
        transaction = [];
        return stream(startReplication({ slot, publications: [publication] }), state);
      },
      handleDisconnect: (_, state) => {
        tally.losses += 1;
        return noreply(state);
      },
      // The slot is still held by the session that was cut: later, then.
      handleResult: (result) => disconnect(result instanceof Error ? result : "No results were asked for."),
      handleData: (data, state) => {
        if (typeof data === "symbol" || !isXLogData(data)) return noreply(state);
        const message = decoder.decode(data, X_LOG_DATA_HEADER_BYTES);
        if (message.kind === "insert") {
          const [id] = message.new;
          if (id?.kind !== "text") throw new TypeError("The id is no text.");
          transaction.push(Number(Buffer.from(id.bytes).toString()));
        }
        if (message.kind !== "commit") return noreply(state);
        for (const id of transaction.splice(0)) tally.add(id);
        const { endLsn } = message;
        const positions = { written: endLsn, flushed: endLsn, applied: endLsn };
        return noreply(state, [encodeStandbyStatusUpdate({ ...positions, clock: 0n, replyRequested: false })]);
      },
    },
    { id: "soak", restart: "permanent" },
  );
}
