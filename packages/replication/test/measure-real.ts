/**
 * Measures what letting bytes gather saves on a real walsender: 300,000 rows of about 225 B in transactions of 100,
 * streamed from a slot with coalesceMs 0 and 1 in turn; prints client CPU µs per row and rows per second.
 *
 *   tsx --conditions=@trunkline/source packages/replication/test/measure-real.ts [rounds]
 */
import { startReplication, X_LOG_DATA } from "@trunkline/protocol";
import { connect } from "@trunkline/replication";
import { startPostgres } from "@trunkline/testing";

const rounds = Number(process.argv[2] ?? 3);
const rows = 300_000;
const transactions = 3000;

await using server = await startPostgres();
await using database = await server.database();
await database.query("CREATE TABLE w1 (id bigint PRIMARY KEY, name text, at timestamptz, doc jsonb)");
await database.query("CREATE PUBLICATION p FOR TABLE w1");
await using slot = await database.slot();
const fill = `DO $$ BEGIN FOR i IN 0..${transactions - 1} LOOP
  INSERT INTO w1 SELECT n, repeat('n', 40), now(), jsonb_build_object('kind', 'measured', 'n', n, 'tags', jsonb_build_array('one', 'two', 'three'))
    FROM generate_series(i * ${rows / transactions} + 1, (i + 1) * ${rows / transactions}) n;
  COMMIT; END LOOP; END $$`;
await database.query(fill);

/** Streams everything from the slot, which is never told of any position, and so begins again each time. */
async function stream(coalesceMs: number): Promise<{ cpuMicros: number; perSecond: number }> {
  const session = await connect({ connectionString: database.url, coalesceMs });
  const before = process.cpuUsage();
  const start = performance.now();
  let inserts = 0;
  await new Promise<void>((resolve, reject) => {
    const sink = {
      data: (payload: Buffer): void => {
        if (payload[0] === X_LOG_DATA && payload[25] === 0x49) inserts += 1;
        if (inserts === rows) resolve();
      },
      ended: () => reject(new Error("The stream ended too early.")),
    };
    session.stream(startReplication({ slot: slot.name, publications: ["p"] }), sink).catch(reject);
  });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  await session.close();
  return { cpuMicros: (user + system) / rows, perSecond: rows / seconds };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const found = { 0: [] as Awaited<ReturnType<typeof stream>>[], 1: [] as Awaited<ReturnType<typeof stream>>[] };
for (let round = 0; round < rounds; round += 1) {
  for (const coalesceMs of [0, 1] as const) found[coalesceMs].push(await stream(coalesceMs));
}
for (const coalesceMs of [0, 1] as const) {
  const cpu = median(found[coalesceMs].map(({ cpuMicros }) => cpuMicros));
  const rate = median(found[coalesceMs].map(({ perSecond }) => perSecond));
  process.stdout.write(`coalesceMs ${coalesceMs}: ${cpu.toFixed(2)} µs CPU per row, ${Math.round(rate)} rows/s\n`);
}
