import type { ChildSpec } from "@trunkline/process";
import { postgresCheckpoint, type SourceOptions, subscription, type Transaction } from "@trunkline/subscription";
import type { Pool } from "pg";

/** The table that is mirrored: `accounts (id bigint primary key, balance numeric)`. */
export interface Account {
  readonly id: bigint;
  readonly balance: string;
}

type Source = Pick<SourceOptions, "connection"> & Partial<SourceOptions>;

/**
 * Keeps a copy of `accounts` in a second Postgres. Each transaction is applied together with its position, in one
 * transaction there: exactly once, whatever crashes. A position that is there already makes `saveIn` throw, and the
 * transaction is rolled back.
 */
export async function mirror(source: Source, sink: Pool): Promise<ChildSpec> {
  const slot = source.slot ?? "accounts_mirror";
  const checkpoint = postgresCheckpoint({ client: sink, slot });
  await checkpoint.createTable();
  return subscription<{ accounts: Account }>({
    publications: { name: "accounts", tables: ["accounts"] },
    ...source,
    slot,
    checkpoint,
    checkpointSavedBy: "handler",
    onTransaction: async (transaction) => {
      const client = await sink.connect();
      try {
        await client.query("BEGIN");
        await apply(transaction, (sql, values) => client.query(sql, values));
        await checkpoint.saveIn(client, await transaction.checkpoint());
        await client.query("COMMIT");
        client.release();
      } catch (error) {
        client.release(true); // closed, which rolls back, also when it was the connection that failed
        throw error;
      }
    },
  });
}

type Run = (sql: string, values: unknown[]) => Promise<unknown>;

async function apply(transaction: Transaction<{ accounts: Account }>, run: Run): Promise<void> {
  for await (const change of transaction.changes) {
    switch (change.kind) {
      case "insert":
        await run("INSERT INTO accounts VALUES ($1, $2)", [change.new.id, change.new.balance]);
        break;
      case "update": {
        const id = change.old?.row.id ?? change.new.id;
        await run("UPDATE accounts SET id = $2, balance = $3 WHERE id = $1", [id, change.new.id, change.new.balance]);
        break;
      }
      case "delete":
        await run("DELETE FROM accounts WHERE id = $1", [change.old.row.id]);
        break;
      case "truncate":
        await run("TRUNCATE accounts", []);
        break;
      case "message":
      case "relation":
        break;
    }
  }
}
