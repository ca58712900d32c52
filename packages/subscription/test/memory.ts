// Measures the resident memory of a process that runs one subscription:
// pnpm --filter @trunkline/subscription memory
// 1. a handler at 10 transactions a second against a writer at TRUNKLINE_MEMORY_RATE (default 10,000) for
//    TRUNKLINE_MEMORY_SECONDS (default 60); then the handler is released, and must see all that was written, in order;
// 2. one transaction of TRUNKLINE_MEMORY_ROWS (default 1,000,000) rows.
// Exits with 1 when a peak reaches 150 MB (of 1,000,000 bytes), or a row is lost.
import { once } from "node:events";
import { startPostgres, type TestDatabase } from "@trunkline/testing";
import { buildPrograms } from "./memory-build.ts";
import { Reader, start } from "./memory-reader.ts";
import type { Written } from "./memory-writer.ts";

const limitMb = 150;
const rate = Number(process.env["TRUNKLINE_MEMORY_RATE"] ?? 10_000);
const seconds = Number(process.env["TRUNKLINE_MEMORY_SECONDS"] ?? 60);
const rows = Number(process.env["TRUNKLINE_MEMORY_ROWS"] ?? 1_000_000);

using programs = await buildPrograms(["memory-child", "memory-writer"]);
await using server = await startPostgres();
console.log(`Postgres ${server.serverVersion}, Node ${process.version}; 1 MB is 1,000,000 bytes`);
const slow = await slowHandler();
const large = await largeTransaction();
if (!slow || !large) process.exitCode = 1;

async function slowHandler(): Promise<boolean> {
  await using database = await things();
  await using slot = await database.slot();
  const reader = new Reader(programs.pathOf("memory-child"), [database.url, slot.name, "100"]);
  await reader.until(({ state }) => state !== "loaded");
  const total = rate * seconds;
  const writer = start(programs.pathOf("memory-writer"), [database.url, String(rate), String(total)]);
  const [written] = (await once(writer, "message")) as [Written];
  const { transactions } = reader.last;
  const whileSlow = reader.peakMb;
  reader.child.send("release");
  const end = await reader.until(({ lastId }) => lastId >= total);
  await reader.stop();
  console.log(
    `slow handler: ${count(total)} transactions written in ${written.seconds.toFixed(1)} s, ${transactions} handled meanwhile;`,
    `${reader.idleMb} MB before, ${whileSlow} MB at most until the release, ${reader.peakMb} MB in all;`,
    `${count(end.transactions)} handled, ${total - end.transactions} lost, ${end.outOfOrder} out of order,`,
    `${end.disconnections} disconnections`,
  );
  return reader.peakMb < limitMb && end.transactions === total && end.outOfOrder === 0;
}

async function largeTransaction(): Promise<boolean> {
  await using database = await things();
  await using slot = await database.slot();
  await database.query("INSERT INTO things SELECT n, 'a note of some length' FROM generate_series(1, $1::int) AS n", [
    rows,
  ]);
  const reader = new Reader(programs.pathOf("memory-child"), [database.url, slot.name, "0"]);
  const end = await reader.until(({ transactions }) => transactions === 1);
  await reader.stop();
  console.log(
    `one transaction of ${count(rows)} rows: ${reader.idleMb} MB before, ${reader.peakMb} MB at most;`,
    `${count(end.lastId)} rows seen, ${end.outOfOrder} out of order, ${end.disconnections} disconnections`,
  );
  return reader.peakMb < limitMb && end.lastId === rows && end.outOfOrder === 0;
}

async function things(): Promise<TestDatabase> {
  const database = await server.database();
  await database.query("CREATE TABLE things (id int PRIMARY KEY, note text)");
  await database.query("CREATE PUBLICATION things_pub FOR TABLE things");
  await database.query(`CREATE PROCEDURE write_things(first int, last int) LANGUAGE plpgsql AS $$
    BEGIN
      FOR n IN first .. last LOOP
        INSERT INTO things VALUES (n, 'a note of some length');
        COMMIT;
      END LOOP;
    END $$`);
  return database;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
