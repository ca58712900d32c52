import type { BenchClient } from "../clients/catalogue.ts";
import type { ClientTask } from "../clients/task.ts";
import { holdingTemporaryWalsender } from "../real/held-walsender.ts";
import { emptyTable, PUBLICATION, type RealSource, writeRows } from "../real/real-source.ts";
import { transactionsOf, type Workload } from "../workloads/workload.ts";
import { type Outcome, runClient } from "./run-client.ts";
import { available, type BenchContext, runOptionsOf } from "./series.ts";

const RUN_SLOT = "bench_run";

/** Every client reads the same written transactions from a walsender, each from a fresh copy of one slot. */
export async function runRealSeries(
  source: RealSource,
  workload: Workload,
  rows: number,
  clients: readonly BenchClient[],
  context: BenchContext,
): Promise<void> {
  const { database } = source;
  await emptyTable(database, workload);
  await using slot = await database.slot(`bench_${workload.name.toLowerCase()}`);
  await writeRows(database, workload, rows);
  const task = taskFor(source, workload, rows);
  const scouted = await fromFreshSlot(source, slot.name, () =>
    runClient(task, {
      program: context.programs.client("scout"),
      core: context.pinning?.client,
      timeoutMs: context.timeoutMs,
    }),
  );
  if (scouted.type === "invalid") throw new Error(`The real server's stream can't be read: ${scouted.why}`);
  const { streamBytes = Number.NaN, endLsn } = scouted.report;

  for (let round = 0; round < context.rounds; round += 1) {
    for (const client of available(clients, context)) {
      const own = { ...task, endLsn, ca: client.tls ? source.server.certificates?.ca : undefined };
      const outcome = client.temporarySlot
        ? await writeWhileHeld(source, workload, rows, client, own, context)
        : await fromFreshSlot(source, slot.name, () => runClient(own, runOptionsOf(client, context)));
      context.onSample({ workload: workload.name, setup: "real", client: client.name, rows, streamBytes, outcome });
    }
  }
}

function taskFor({ server, database }: RealSource, workload: Workload, rows: number): ClientTask {
  return {
    host: server.host,
    port: server.port,
    user: new URL(server.url).username,
    database: database.name,
    slot: RUN_SLOT,
    publication: PUBLICATION,
    rows,
    transactions: transactionsOf(workload, rows),
    endLsn: undefined,
    jsonColumn: workload.jsonColumn,
    ca: undefined,
    measure: "throughput",
  };
}

/** A client's acknowledgements move its slot: each run gets a copy of one that nobody has read. */
async function fromFreshSlot({ database }: RealSource, from: string, run: () => Promise<Outcome>): Promise<Outcome> {
  await database.query("SELECT pg_copy_logical_replication_slot($1, $2)", [from, RUN_SLOT]);
  try {
    return await run();
  } finally {
    await database.query(
      `SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots
       WHERE slot_name = $1 AND active_pid IS NOT NULL`,
      [RUN_SLOT],
    );
    await database.query("SELECT pg_drop_replication_slot($1)", [RUN_SLOT]);
  }
}

async function writeWhileHeld(
  { database }: RealSource,
  workload: Workload,
  rows: number,
  client: BenchClient,
  task: ClientTask,
  context: BenchContext,
): Promise<Outcome> {
  let written: Promise<void> = Promise.reject(new Error("The client did not say that it listens."));
  written.catch(() => {});
  await emptyTable(database, workload);
  const outcome = await runClient(task, {
    ...runOptionsOf(client, context),
    onReady: () => {
      written = holdingTemporaryWalsender(database, () => writeRows(database, workload, rows));
      written.catch(() => {});
    },
  });
  await written;
  return outcome;
}
