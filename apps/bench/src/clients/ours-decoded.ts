// ReplicationConnection, each message decoded into a row with the default types; JSON of several rows is parsed at once.
import { createChangeDecoder } from "@trunkline/protocol";
import { tallyGathered } from "./gathered-messages.ts";
import { runOurDecoder } from "./our-connection.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

const task = readTask();
await runOurDecoder(task, tallyGathered(new Tally(task), createChangeDecoder({ deferJson: true })));
