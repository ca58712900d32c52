// ReplicationConnection, each message decoded into a row, with jsonb left as text.
import {
  createChangeDecoder,
  defaultTypes,
  isXLogData,
  jsonText,
  overrideTypes,
  X_LOG_DATA_HEADER_BYTES,
} from "@trunkline/protocol";
import { tallyDecoded } from "./decoded-message.ts";
import { runOurDecoder } from "./our-connection.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

const task = readTask();
const tally = new Tally(task);
const decoder = createChangeDecoder({ types: overrideTypes(defaultTypes, jsonText) });
await runOurDecoder(task, (slab, from, to) => {
  if (isXLogData(slab, from, to)) tallyDecoded(tally, decoder.decode(slab, from + X_LOG_DATA_HEADER_BYTES, to));
});
