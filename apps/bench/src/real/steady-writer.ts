import type { TestDatabase } from "@trunkline/testing";
import type { Workload } from "../workloads/workload.ts";

/**
 * Writes `transactions` transactions of one row into the workload's empty table, `perSecond` of them each second, from one connection. A transaction
 * that is late is written at once; the rate is kept on average.
 */
export async function writeSteadily(
  database: TestDatabase,
  workload: Workload,
  transactions: number,
  perSecond: number,
): Promise<void> {
  await using client = await database.client();
  // A walsender sends only what has been flushed: without this it would wait for the WAL writer, up to 200 ms.
  await client.query("SET synchronous_commit = on");
  const text = `INSERT INTO ${workload.table} SELECT ${workload.selectList} FROM (SELECT $1::int AS i) AS one`;
  const started = performance.now();
  for (let index = 0; index < transactions; index += 1) {
    const due = started + (index * 1000) / perSecond;
    const waitMs = due - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    await client.query({ name: "insert-one", text, values: [index] });
  }
}
