import { kill } from "@trunkline/process";
import { type PostgresVersion, startPostgres, type TestDatabase } from "@trunkline/testing";
import { expect, test } from "vitest";
import type { SubscriptionOptions } from "../src/options.ts";
import type { SubscriptionRef } from "../src/stream/subscription-ref.ts";
import { startSubscription, stopSubscription } from "../src/subscription.ts";
import { quiet, source, type Things, until, within } from "./source.ts";

const before = 4000;

/** A table with rows, a writer that goes on adding to it, and a sink that does as the documentation says. */
async function copying(from: Awaited<ReturnType<typeof source>>) {
  const { database, options, slot } = from;
  await database.query("INSERT INTO things SELECT generate_series(1, $1::int)", [before]);
  await database.query("CREATE PUBLICATION things_pub FOR TABLE things WITH (publish_via_partition_root = true)");
  let copied: number[] = [];
  const streamed: number[] = [];
  const attempts: string[] = [];
  let batches = 0;
  let writing = true;
  const writer = (async () => {
    let id = before;
    while (writing) {
      id += 1;
      // A row that was committed as the server crashed is not written again: nobody heard of its commit.
      await database.query("INSERT INTO things VALUES ($1) ON CONFLICT DO NOTHING", [id]).catch(() => {
        id -= 1; // the server is down
      });
    }
    return id;
  })();
  const start = (crash: () => Promise<unknown>): Promise<SubscriptionRef> => {
    const all: SubscriptionOptions<Things> = {
      ...options,
      connection: { ...options.connection, parameters: { application_name: slot } },
      publications: "things_pub",
      snapshot: "initial",
      onSnapshot: {
        onTable: ({ name }) => {
          attempts.push(name);
          copied = [];
        },
        onRows: async (_relation, rows) => {
          copied.push(...rows.map((row) => Number(row["id"])));
          batches += 1;
          if (batches === 3) await crash();
        },
      },
      onChange: (change) => void (change.kind === "insert" && streamed.push(change.new.id)),
    };
    return startSubscription<Things>(all, quiet);
  };
  return {
    start,
    attempts,
    /** Ends the writer, waits for its last row, and answers with all that was copied and streamed. */
    async finish(ref: SubscriptionRef) {
      await until(() => streamed.length > 20);
      writing = false;
      const last = await writer;
      await until(() => streamed.at(-1) === last);
      await stopSubscription(ref);
      const slots = await database.query("SELECT slot_name AS name FROM pg_replication_slots WHERE database = $1", [
        database.name,
      ]);
      expect(slots).toEqual([{ name: slot }]);
      expect([...copied.toSorted((a, b) => a - b), ...streamed]).toEqual(
        Array.from({ length: last }, (_, id) => id + 1),
      );
    },
  };
}

const terminate = (database: TestDatabase, slot: string, type: string) =>
  database.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1 AND backend_type = $2",
    [slot, type],
  );

test.each(["client backend", "walsender"])(
  "a snapshot whose %s is terminated in the middle starts again by itself, with no gap and no overlap",
  async (type) => {
    const from = await source();
    await using _ = from.database;
    const { start, attempts, finish } = await copying(from);
    await finish(await start(() => terminate(from.database, from.slot, type)));
    expect(attempts).toEqual(["things", "things"]);
  },
);

test("a snapshot whose process is killed in the middle leaves nothing, and the next one begins anew", async () => {
  const from = await source();
  await using _ = from.database;
  const { start, attempts, finish } = await copying(from);
  const killed = new Promise<void>((resolve) => {
    const first = start(async () => {
      kill(await first);
      resolve();
    });
  });
  await killed;
  await finish(await start(async () => {}));
  expect(attempts).toEqual(["things", "things"]);
});

test.each<PostgresVersion>([14, 18])(
  "a snapshot during which PostgreSQL %i crashes starts again when it is back, with no gap and no overlap",
  async (version) => {
    await using server = await startPostgres({ version });
    const from = await within(server);
    await using _ = from.database;
    const { start, attempts, finish } = await copying(from);
    const ref = await start(async () => {
      await server.stop("immediate");
      await server.start();
    });
    await finish(ref);
    expect(attempts).toEqual(["things", "things"]);
  },
);
