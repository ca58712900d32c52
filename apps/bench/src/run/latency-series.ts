import type { BenchClient } from "../clients/catalogue.ts";
import { emptyTable, PUBLICATION, type RealSource } from "../real/real-source.ts";
import { writeSteadily } from "../real/steady-writer.ts";
import { workloads } from "../workloads/workload.ts";
import { runClient } from "./run-client.ts";
import { type BenchContext, runOptionsOf } from "./series.ts";

/** Transactions a second while latency is measured. */
export const LATENCY_RATE = 1000;

const workload = workloads.W1;

/** The time from each Commit's timestamp to the client's callback, while single rows are written at a steady rate. */
export async function runLatencySeries(
  source: RealSource,
  seconds: number,
  clients: readonly BenchClient[],
  context: BenchContext,
): Promise<void> {
  const { server, database } = source;
  const transactions = seconds * LATENCY_RATE;
  for (let round = 0; round < context.rounds; round += 1) {
    for (const client of clients.filter(({ latency }) => latency)) {
      await emptyTable(database, workload);
      await using slot = await database.slot();
      const running = runClient(
        {
          host: server.host,
          port: server.port,
          user: new URL(server.url).username,
          database: database.name,
          slot: slot.name,
          publication: PUBLICATION,
          rows: transactions,
          transactions,
          endLsn: undefined,
          jsonColumn: workload.jsonColumn,
          ca: client.tls ? server.certificates?.ca : undefined,
          measure: "latency",
        },
        runOptionsOf(client, context),
      );
      while ((await slot.state())?.active === false) await new Promise((resolve) => setTimeout(resolve, 20));
      const [outcome] = await Promise.all([running, writeSteadily(database, workload, transactions, LATENCY_RATE)]);
      const shared = { workload: "latency", setup: "real", client: client.name } as const;
      context.onSample({ ...shared, rows: transactions, streamBytes: Number.NaN, outcome });
    }
  }
}
