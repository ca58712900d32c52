import { startSubscription, stopSubscription } from "@trunkline/subscription";
import { expect, test } from "vitest";
import { PUBLICATION, startRealSource, writeRows } from "../real/real-source.ts";
import { workloads } from "../workloads/workload.ts";
import { counted } from "./counted-run.ts";

const ROWS = 50_000;
const TRANSACTIONS = ROWS / 100;

/**
 * What a transaction of 100 rows may cost from the socket to the end of its asynchronous handler, which reads it by
 * `for await`; in the comments what it cost when the budgets were written. A change that needs more says why, here.
 */
const budgets = {
  promisesPerTransaction: 300, // 213: two for each row that `for await` reads, and a dozen for the transaction
  heapBytesPerRow: 2400, // 1608: the message, the change, its row, its position, and what `for await` makes
  writesPerTransaction: 0.25, // 0.06: a confirmation covers all that is finished when it is sent
} as const;

test("a hundred rows cost a transaction's promises and memory, and one confirmation", async () => {
  await using source = await startRealSource([workloads.W1], undefined);
  const { database } = source;
  await using warm = await database.slot("guard_warm");
  await using slot = await database.slot("guard_counted");
  await writeRows(database, workloads.W1, ROWS);

  const read = async (name: string): Promise<number> => {
    let rows = 0;
    let finish = (): void => {};
    const seen = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const subscription = await startSubscription({
      connection: { connectionString: database.url },
      slot: name,
      publications: PUBLICATION,
      create: false,
      onTransaction: async ({ changes }) => {
        for await (const change of changes) if (change.kind === "insert") rows += 1;
        if (rows === ROWS) finish();
      },
    });
    await seen;
    await stopSubscription(subscription);
    return rows;
  };

  await read(warm.name);
  let rows = 0;
  const { promises, heapBytes, writes } = await counted(async () => {
    rows = await read(slot.name);
  });
  expect(rows).toBe(ROWS);
  expect(promises / TRANSACTIONS).toBeLessThanOrEqual(budgets.promisesPerTransaction);
  expect(heapBytes / ROWS).toBeLessThanOrEqual(budgets.heapBytesPerRow);
  expect(writes).toBeGreaterThan(0);
  expect(writes / TRANSACTIONS).toBeLessThanOrEqual(budgets.writesPerTransaction);
});
