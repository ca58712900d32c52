// ReplicationConnection as it comes: bytes to handleData. Over TLS when the task says so.
import { runOurConnection } from "./our-connection.ts";
import { tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

const task = readTask();
const tally = new Tally(task);
await runOurConnection(task, (payload) => tallyRaw(tally, payload));
