import { readFile } from "node:fs/promises";
import { makeRuntime, silentLogger } from "@trunkline/process";
import { startSubscription, stopSubscription } from "@trunkline/subscription";
import { startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";

const page = await readFile(
  new URL("../../../docs/guides/failover-slots-and-other-servers.md", import.meta.url),
  "utf8",
);
const [, sql = ""] = /^```sql\n([\s\S]*?)^```$/m.exec(page) ?? [];

test.each([17, 18] as const)(
  "on PostgreSQL %d a failover slot that is there is taken, and stays one",
  async (version) => {
    await using server = await startPostgres({ version });
    await using database = await server.database();
    for (const statement of sql.split(";\n").filter((text) => text !== "")) await database.query(statement);
    const seen: number[] = [];
    const ref = await startSubscription<{ orders: { id: number } }>(
      {
        connection: { connectionString: database.url },
        slot: "orders",
        publications: "orders",
        onChange: (change) => void (change.kind === "insert" && seen.push(change.new.id)),
      },
      { runtime: makeRuntime({ logger: silentLogger }) },
    );
    await database.query("INSERT INTO orders VALUES (1)");
    await expect.poll(() => seen).toEqual([1]);
    await stopSubscription(ref);
    expect(await database.query("SELECT slot_name, failover FROM pg_replication_slots")).toEqual([
      { slot_name: "orders", failover: true },
    ]);
    await database.query("SELECT pg_drop_replication_slot('orders')");
  },
);
