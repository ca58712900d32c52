// ReplicationConnection, each message decoded into a row with the default types.
import { createChangeDecoder, isXLogData, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import { tallyDecoded } from "./decoded-message.ts";
import { runOurConnection } from "./our-connection.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

const task = readTask();
const tally = new Tally(task);
const decoder = createChangeDecoder();
await runOurConnection(task, (payload) => {
  if (isXLogData(payload)) tallyDecoded(tally, decoder.decode(payload, X_LOG_DATA_HEADER_BYTES));
});
