// A bare socket that reads into its own slab as soon as there is something, and hands out a slice for each message.
import { tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";
import { openYardstick } from "./yardstick-socket.ts";

const task = readTask();
const tally = new Tally(task);
openYardstick(task, (payload) => tallyRaw(tally, payload));
