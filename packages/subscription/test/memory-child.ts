import { startSubscription, stopSubscription } from "../src/subscription.ts";

// Reads one large transaction and tells how much memory the process has had at most, in MiB.
const [url = "", slot = ""] = process.argv.slice(2);
const idle = process.resourceUsage().maxRSS / 1024;

const ref = await startSubscription({
  connection: { connectionString: url },
  slot,
  publications: "things_pub",
  onTransaction: async (transaction) => {
    let rows = 0;
    for await (const _change of transaction.changes) rows += 1;
    const most = process.resourceUsage().maxRSS / 1024;
    process.send?.({ rows, idle: Math.round(idle), most: Math.round(most) });
  },
});
process.once("message", () => void stopSubscription(ref).then(() => process.disconnect()));
