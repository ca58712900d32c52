import { emitReport } from "./emit-report.ts";
import type { ProcessRecord } from "./record.ts";

interface Delivery {
  readonly to: ProcessRecord | undefined;
  readonly run: () => void;
}

const queue: Delivery[] = [];
let scheduled = false;

/**
 * Runs `run` in a later microtask, after everything that was queued before it: the one queue in which exit signals,
 * down messages and answers to `exited` travel, so that none of them runs inside the call stack of the process that
 * ended or of the one that hears of it. What is sent to `to` meanwhile queues behind.
 */
export function deliverLater(to: ProcessRecord | undefined, run: () => void): void {
  if (to !== undefined) to.inFlight += 1;
  queue.push({ to, run });
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(flush);
}

function flush(): void {
  for (let index = 0; index < queue.length; index += 1) {
    const delivery = queue[index];
    if (delivery === undefined) continue;
    if (delivery.to !== undefined) delivery.to.inFlight -= 1;
    try {
      delivery.run();
    } catch (error) {
      // Such as an inspector's error. One observer that throws keeps nobody else from hearing.
      const { to } = delivery;
      if (to !== undefined)
        emitReport(to.runtime, { report: "guard", process: to.ref, where: "a delivery to it", error });
    }
  }
  queue.length = 0;
  scheduled = false;
}
