import { readFileSync } from "node:fs";
import { type PostgresServer, startPostgres, type TestDatabase } from "@trunkline/testing";
import { pinProcess } from "../run/pinning.ts";
import { transactionsOf, type Workload } from "../workloads/workload.ts";

/** A real server with one database, a table and a publication for each workload. */
export interface RealSource extends AsyncDisposable {
  readonly server: PostgresServer;
  readonly database: TestDatabase;
}

const settings = {
  shared_buffers: "128MB",
  max_wal_size: "8GB",
  synchronous_commit: "off",
  autovacuum: "off",
  // A walsender that is held while rows are written must not find that its client has been silent for too long.
  wal_sender_timeout: "0",
};

/** The name of the publication of every workload's table. */
export const PUBLICATION = "bench";

/** Starts an embedded server on `core`. */
export async function startRealSource(workloads: readonly Workload[], core: number | undefined): Promise<RealSource> {
  const server = await startPostgres({ settings, ssl: true });
  const database = await server.database("bench");
  await using client = await database.client();
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const postmaster = parentOf(rows[0]?.pid ?? 0);
  if (postmaster !== undefined) pinProcess(core, postmaster);
  for (const { table, columns } of workloads) {
    const list = columns.map(({ name, sqlType }) => `${name} ${sqlType}${name === "id" ? " PRIMARY KEY" : ""}`);
    await client.query(`CREATE TABLE ${table} (${list.join(", ")})`);
  }
  await client.query(`CREATE PUBLICATION ${PUBLICATION} FOR TABLE ${workloads.map(({ table }) => table).join(", ")}`);
  return {
    server,
    database,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Empties the workload's table. A slot that is there already would tell of it: a transaction too many. */
export async function emptyTable(database: TestDatabase, { table }: Workload): Promise<void> {
  await database.query(`TRUNCATE ${table}`);
}

/** Writes the workload's rows, in its transactions, into its empty table. */
export async function writeRows(database: TestDatabase, workload: Workload, rows: number): Promise<void> {
  await using client = await database.client();
  const inEach = workload.rowsPerTransaction === "all" ? rows : workload.rowsPerTransaction;
  await client.query(`DO $$
    BEGIN
      FOR transaction IN 0 .. ${transactionsOf(workload, rows) - 1} LOOP
        INSERT INTO ${workload.table}
          SELECT ${workload.selectList}
          FROM generate_series(transaction * ${inEach}, least(${rows}, (transaction + 1) * ${inEach}) - 1) AS i;
        COMMIT;
      END LOOP;
    END $$`);
}

/** The process that started `pid`, from Linux' process table; `undefined` elsewhere. */
function parentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
  } catch {
    return undefined;
  }
}
