import { appendFileSync } from "node:fs";
import { formatPosition } from "../src/position/position.ts";
import { startSubscription } from "../src/subscription.ts";

// Appends each row, with its position, to a file: one line, one write. It is killed from outside, at any moment.
const [url = "", slot = "", file = ""] = process.argv.slice(2);

await startSubscription<{ things: { id: number } }>({
  connection: { connectionString: url },
  slot,
  publications: "things_pub",
  ownership: "standby",
  standbyPollMs: 20,
  backoff: { minMs: 5, maxMs: 50 },
  onTransaction: async (transaction) => {
    const lines: string[] = [];
    for await (const change of transaction.changes) {
      if (change.kind === "insert") lines.push(`${formatPosition(change.position)} ${change.new.id}\n`);
    }
    appendFileSync(file, lines.join(""));
  },
});
process.send?.("started");
