// The bare socket over TLS.
import { tallyRaw } from "./raw-message.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";
import { openTlsYardstick } from "./yardstick-tls.ts";

const task = readTask();
const tally = new Tally(task);
openTlsYardstick(task, (payload) => tallyRaw(tally, payload));
