// ReplicationConnection without coalescing: every packet is read at once.
import { runOurConnection } from "./our-connection.ts";
import { tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

const task = readTask();
const tally = new Tally(task);
await runOurConnection(task, (payload) => tallyRaw(tally, payload), { coalesceMs: 0 });
