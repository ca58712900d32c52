import { type PostgresVersion, startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { startSubscription, stopSubscription, subscriptionStats } from "../src/subscription.ts";
import { quiet, until, within } from "./source.ts";

const versions: readonly PostgresVersion[] = [14, 18];

test.each(versions)(
  "on PostgreSQL %i a role that may replicate, read and have two connections is enough to copy, stream and be sampled",
  async (version) => {
    await using server = await startPostgres({ version });
    const { database, options } = await within(server);
    await using _ = database;
    await database.query("INSERT INTO things VALUES (1)");
    await database.query("CREATE PUBLICATION things_pub FOR TABLE things");
    await database.query("CREATE ROLE narrow LOGIN REPLICATION PASSWORD 'p' CONNECTION LIMIT 2");
    await database.query("GRANT SELECT ON things TO narrow");
    const url = new URL(database.url);
    url.username = "narrow";
    url.password = "p";
    const copied: unknown[] = [];
    const handled: unknown[] = [];
    const ref = await startSubscription(
      {
        ...options,
        connection: { connectionString: url.href },
        publications: "things_pub",
        health: { intervalMs: 20 },
        snapshot: "initial",
        onSnapshot: { onRows: (_relation, rows) => void copied.push(...rows) },
        onChange: (change) => void handled.push(change),
      },
      quiet,
    );
    await until(async () => (await subscriptionStats(ref)).state === "streaming");
    await database.query("INSERT INTO things VALUES (2)");
    await until(() => handled.length === 1);
    expect(copied).toHaveLength(1);
    await until(async () => (await subscriptionStats(ref)).answer?.code === "idle");
    await stopSubscription(ref);
  },
);
