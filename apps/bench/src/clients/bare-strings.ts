// The bare socket, and every column made a string: a floor for decoders.
import { readInsertTexts } from "./insert-texts.ts";
import { tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";
import { openYardstick } from "./yardstick-socket.ts";

const INSERT = 0x49;

const task = readTask();
const tally = new Tally(task);
openYardstick(task, (payload) => {
  if (payload[25] === INSERT) readInsertTexts(payload, undefined);
  tallyRaw(tally, payload);
});
