// Reads a stream once, untimed: how many bytes it has and where it ends.
import { commitEnd, tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";
import { openYardstick } from "./yardstick-socket.ts";

const task = readTask();
let endLsn = "0/0";
const tally = new Tally(task, () => ({ streamBytes: yardstick.streamBytes(), endLsn }));
const yardstick = openYardstick(task, (payload) => {
  endLsn = commitEnd(payload) ?? endLsn;
  tallyRaw(tally, payload);
});
