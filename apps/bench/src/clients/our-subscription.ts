import type { StartOptions } from "@trunkline/process";
import { startSubscription } from "@trunkline/subscription";
import { ourOptions } from "./our-options.ts";
import { type DecodedRow, readColumns } from "./sink.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

/**
 * Runs a subscription as a program uses it: an asynchronous handler for each transaction, which reads every column of every row.
 * Nothing is set but where it reads. The clock starts when the first transaction is handed out, since nothing of it is seen before.
 */
export async function runOurSubscription(place: Pick<StartOptions, "parent"> = {}): Promise<void> {
  const task = readTask();
  const tally = new Tally(task);
  await startSubscription<Readonly<Record<string, DecodedRow & Record<string, unknown>>>>(
    {
      connection: ourOptions(task),
      slot: task.slot,
      publications: task.publication,
      create: false,
      onTransaction: async ({ changes, committedAt }) => {
        tally.begin();
        for await (const change of changes) {
          if (change.kind !== "insert") continue;
          readColumns(change.new);
          tally.rows += 1;
        }
        tally.commit(() => committedAt.getTime() * 1000);
      },
    },
    place,
  );
}
