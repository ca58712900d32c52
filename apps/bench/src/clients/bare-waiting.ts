// The bare socket, but 1 ms passes after each read before the next one: what letting bytes gather is worth.
import { tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";
import { openYardstick } from "./yardstick-socket.ts";

const task = readTask();
const tally = new Tally(task);
openYardstick(task, (payload) => tallyRaw(tally, payload), 1);
