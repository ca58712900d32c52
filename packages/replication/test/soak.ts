// Writes while connections are cut, stalled and split at random and walsenders are terminated, and counts what arrives:
// pnpm --filter @trunkline/replication soak
// TRUNKLINE_SOAK_MINUTES (default 10) says for how long, TRUNKLINE_SOAK_SEED (default: the time) which faults.
import { makeRuntime, silentLogger } from "@trunkline/process";
import { Supervisor } from "@trunkline/supervisor";
import { faultProxy, randomNumbers, seededFaults, startPostgres, type TestDatabase } from "@trunkline/testing";
import { soakConsumer } from "./soak-consumer.ts";
import { Tally } from "./soak-tally.ts";

const minutes = Number(process.env["TRUNKLINE_SOAK_MINUTES"] ?? 10);
const seed = Number(process.env["TRUNKLINE_SOAK_SEED"] ?? Date.now() % 2 ** 31);
const random = randomNumbers(seed);
const below = (limit: number): number => Math.floor(random() * limit);
const pause = (ms: number, needed = true): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    if (!needed) timer.unref();
  });

await using server = await startPostgres();
await using database = await server.database();
await database.query("CREATE TABLE things (id bigint PRIMARY KEY, filler text)");
await using publication = await database.publication();
await using slot = await database.slot();
await using proxy = await faultProxy({ target: server });
console.log(`Postgres ${server.version}, ${minutes} minutes, seed ${seed}`);

const tally = new Tally();
const runtime = makeRuntime({ logger: silentLogger });
const consumer = soakConsumer({ slot: slot.name, publication: publication.name, tally });
const spec = consumer.childSpec(undefined, {
  connectionString: proxy.urlOf(database.url),
  autoReconnect: true,
  reconnectBackoff: { type: "exponential", minBackoffMs: 5, maxBackoffMs: 100 },
  livenessTimeoutMs: 5000,
});
const supervisor = await Supervisor.startLink([spec], { strategy: "one_for_one", runtime });

proxy.replan(seededFaults({ seed, cutWithinBytes: 262_144 }));
proxy.cut("rst");
const until = performance.now() + minutes * 60_000;
const ends = { terminated: 0, cut: 0 };
const breaking = breakThings();
let written = 0;
let reported = performance.now();
while (performance.now() < until) {
  written = await write(database, written, 1 + below(200));
  if (performance.now() - reported < 30_000) continue;
  reported = performance.now();
  console.log(`written ${written}, seen ${tally.seen}, connections ${proxy.accepted}`);
}
await breaking;

// Peace: no more faults, and a last transaction whose arrival says that everything before it has had its chance.
proxy.replan(undefined);
proxy.cut();
written = await write(database, written, 1);
await Promise.race([tally.arrived(written), pause(120_000, false)]);
await Supervisor.stop(supervisor, "shutdown");

const lost = tally.missing(written);
const { terminated, cut } = ends;
console.log(
  `connections ${proxy.accepted}, losses ${tally.losses}, walsenders terminated ${terminated}, cut at once ${cut}`,
);
console.log(`written ${written}, seen ${tally.seen}, duplicates ${tally.duplicates}, lost ${lost}`);
if (lost > 0) process.exitCode = 1;

/** One transaction of `count` rows; answers the last id. */
async function write(into: TestDatabase, from: number, count: number): Promise<number> {
  const filler = "x".repeat(below(400));
  await into.query("INSERT INTO things SELECT id, $3 FROM generate_series($1::bigint, $2::bigint) AS id", [
    from + 1,
    from + count,
    filler,
  ]);
  await pause(below(5));
  return from + count;
}

/** Until the time is over: now and then the server ends the walsender, or the network all connections. */
async function breakThings(): Promise<void> {
  while (performance.now() < until) {
    await pause(200 + below(1500));
    if (random() < 0.5) {
      const sql = "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active";
      await using client = await server.client();
      ends.terminated += (await client.query(sql, [slot.name])).rows.length;
    } else {
      proxy.cut(random() < 0.5 ? "fin" : "rst");
      ends.cut += 1;
    }
  }
}
