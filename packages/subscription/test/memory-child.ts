// Runs one subscription and tells over IPC how much memory the process has and what it has seen. A program of its own,
// so that neither the server's keeper nor the writer counts. `memory.ts` starts it.
import { subscribe as listen } from "node:diagnostics_channel";
import { subscriptionChannelNames } from "../src/stream/telemetry.ts";
import { startSubscription, stopSubscription } from "../src/subscription.ts";

/** What it tells its parent. */
export interface MemoryReport {
  /** `loaded` before anything is connected, `streaming` when it is, `running` four times a second. */
  readonly state: "loaded" | "streaming" | "running";
  readonly rssBytes: number;
  readonly transactions: number;
  /** The id of the last row; they are written as 1, 2, 3, … */
  readonly lastId: number;
  /** Rows whose id is not one more than that of the row before. */
  readonly outOfOrder: number;
  readonly disconnections: number;
}

const [url = "", slot = "", handlerMs = "0"] = process.argv.slice(2);
const seen = { transactions: 0, lastId: 0, outOfOrder: 0, disconnections: 0 };
let waitMs = Number(handlerMs);

const tell = (state: MemoryReport["state"]): void => {
  const report: MemoryReport = { state, rssBytes: process.memoryUsage.rss(), ...seen };
  process.send?.(report);
};

tell("loaded");
listen(subscriptionChannelNames.disconnected, () => {
  seen.disconnections += 1;
});
const ref = await startSubscription<{ things: { id: number } }>({
  connection: { connectionString: url },
  slot,
  publications: "things_pub",
  create: false,
  onTransaction: async ({ changes }) => {
    for await (const change of changes) {
      if (change.kind !== "insert") continue;
      if (change.new.id !== seen.lastId + 1) seen.outOfOrder += 1;
      seen.lastId = change.new.id;
    }
    seen.transactions += 1;
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  },
});
tell("streaming");
const reporting = setInterval(tell, 250, "running");

process.on("message", (order) => {
  if (order === "release") waitMs = 0;
  if (order !== "stop") return;
  clearInterval(reporting);
  void stopSubscription(ref).then(() => process.disconnect());
});
