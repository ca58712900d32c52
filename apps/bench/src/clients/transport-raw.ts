// Our transport alone: a session, a stream, a callback per message. No machine, no mailbox.
import { startReplication } from "@trunkline/protocol";
import { connect } from "@trunkline/replication";
import { ourOptions } from "./our-options.ts";
import { tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

const task = readTask();
const tally = new Tally(task);
const session = await connect(ourOptions(task));
await session.stream(startReplication({ slot: task.slot, publications: [task.publication] }), {
  data: (payload) => tallyRaw(tally, payload),
  ended: (end) => {
    console.error(end);
    process.exit(1);
  },
});
