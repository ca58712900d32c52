// Reads a stream once, untimed: how many bytes it has and where it ends.
import { commitEnd, tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";
import { openYardstick } from "./yardstick-socket.ts";

const FRAME_HEADER_BYTES = 5;

const task = readTask();
let endLsn = "0/0";
let streamBytes = 0;
const tally = new Tally(task, () => ({ streamBytes, endLsn }));
openYardstick(task, (payload) => {
  streamBytes += FRAME_HEADER_BYTES + payload.length;
  endLsn = commitEnd(payload) ?? endLsn;
  tallyRaw(tally, payload);
});
