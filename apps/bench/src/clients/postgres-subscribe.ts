import { writeSync } from "node:fs";
import postgres from "postgres";
import { readColumns } from "./sink.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

/** Subscribes to all inserts; the clock starts at the first one and ends at the last. */
export async function consumePostgres(
  options: Pick<postgres.Options<{ json: postgres.PostgresType }>, "types">,
): Promise<void> {
  const task = readTask();
  const tally = new Tally(task);
  const { host, port, user, database, publication } = task;
  const sql = postgres({ host, port, user, database, publications: publication, ...options });
  await sql.subscribe(
    "insert",
    (row) => {
      if (tally.rows === 0) tally.start();
      if (row !== null) readColumns(row);
      tally.rows += 1;
      if (tally.rows === task.rows) tally.finish(null);
    },
    () => writeSync(1, `${JSON.stringify({ ready: true })}\n`),
  );
}
