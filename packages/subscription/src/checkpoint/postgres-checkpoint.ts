import { formatLsn, quoteIdentifier } from "@trunkline/protocol";
import { SubscriptionError } from "../errors/subscription-error.ts";
import { type Checkpoint, type CheckpointStore, checkpointOf, malformed, ofSlot } from "./checkpoint.ts";

/** What is needed of a client: node-postgres' `Client`, `Pool` and `PoolClient` have it. */
export interface QueryClient {
  /** Runs one statement, with values for `$1`, `$2`, … */
  query(sql: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Options of {@link postgresCheckpoint}. */
export interface PostgresCheckpointOptions {
  /** A client or pool of the *sink's* database. */
  readonly client: QueryClient;
  /** The slot's name. */
  readonly slot: string;
  /** Default `"public"`. */
  readonly schema?: string;
  /** Default `"trunkline_checkpoints"`. One table serves any number of slots. */
  readonly table?: string;
}

/**
 * A {@link CheckpointStore} in a Postgres sink. `save` runs by itself, where the same position may be saved twice;
 * `saveIn` goes with rows, which must not.
 */
export interface PostgresCheckpoint extends CheckpointStore {
  /** Creates the table if it does not exist. */
  createTable(): Promise<void>;
  /**
   * Saves the position on a client that has a transaction open: it commits or rolls back with the rows, so they are
   * applied exactly once. The position only goes forward: when another owner was faster this throws, and the transaction
   * must be rolled back, by which its rows aren't applied a second time.
   * @throws SubscriptionError `checkpoint_stale`, `checkpoint_foreign`
   */
  saveIn(transaction: QueryClient, checkpoint: Checkpoint): Promise<void>;
}

/** Keeps the position in a table of the sink's database. */
export function postgresCheckpoint(options: PostgresCheckpointOptions): PostgresCheckpoint {
  const { client, slot, schema = "public", table = "trunkline_checkpoints" } = options;
  const name = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  const where = `${schema}.${table}`;

  /** `again`: whether the stored position may be the same already. */
  async function store(transaction: QueryClient, checkpoint: Checkpoint, again: boolean): Promise<void> {
    ofSlot(checkpoint, slot, "The checkpoint");
    const { systemId, timeline, lsn } = checkpoint;
    const saved = await transaction.query(
      `INSERT INTO ${name} AS c (slot, system_id, timeline, lsn, saved_at) VALUES ($1, $2, $3, $4, now())
       ON CONFLICT (slot) DO UPDATE SET timeline = excluded.timeline, lsn = excluded.lsn, saved_at = excluded.saved_at
       WHERE c.system_id = excluded.system_id AND c.lsn ${again ? "<=" : "<"} excluded.lsn
       RETURNING slot`,
      [slot, systemId, timeline, formatLsn(lsn)],
    );
    if (saved.rows.length > 0) return;
    const stored = await loadFrom(transaction);
    if (stored !== undefined && stored.systemId !== systemId) {
      throw new SubscriptionError("checkpoint_foreign", `${where} holds a position of system ${stored.systemId}.`);
    }
    const ahead = stored === undefined ? "another" : formatLsn(stored.lsn);
    throw new SubscriptionError("checkpoint_stale", `${where} is at ${ahead} already, not before ${formatLsn(lsn)}.`);
  }

  async function loadFrom(from: QueryClient): Promise<Checkpoint | undefined> {
    const found = await from.query(
      `SELECT system_id AS "systemId", timeline::text AS timeline, slot, lsn::text AS lsn FROM ${name} WHERE slot = $1`,
      [slot],
    );
    const [row] = found.rows;
    if (row === undefined) return undefined;
    try {
      return checkpointOf(row as Readonly<Record<string, unknown>>);
    } catch (cause) {
      throw malformed(where, { cause });
    }
  }

  return {
    async createTable() {
      await client.query(
        `CREATE TABLE IF NOT EXISTS ${name} (
           slot text PRIMARY KEY, system_id text NOT NULL, timeline bigint NOT NULL, lsn pg_lsn NOT NULL,
           saved_at timestamptz NOT NULL)`,
        [],
      );
    },
    load: () => loadFrom(client),
    save: (checkpoint) => store(client, checkpoint, true),
    saveIn: (transaction, checkpoint) => store(transaction, checkpoint, false),
  };
}
