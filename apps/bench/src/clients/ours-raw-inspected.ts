// ReplicationConnection as it comes, with an inspector attached and no page open.
import { inspectedRoot } from "./inspected-root.ts";
import { runOurConnection } from "./our-connection.ts";
import { tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

const task = readTask();
const tally = new Tally(task);
await runOurConnection(task, (payload) => tallyRaw(tally, payload), {}, await inspectedRoot("nobody"));
