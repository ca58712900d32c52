import { randomBytes } from "node:crypto";
import { quoteIdentifier, quoteLiteral, type Row } from "@trunkline/protocol";
import { connectForSql, type SnapshotDone, type SourceOptions, takeSnapshot } from "@trunkline/subscription";

/** Which table, and who takes its rows. */
export interface CopyTableOptions extends Pick<SourceOptions, "connection"> {
  /** A table of the search path. The role must own it, and may read it. */
  readonly table: string;
  readonly onRows: (rows: readonly Row[]) => void | Promise<void>;
}

/**
 * Copies a table that was added to the publication of a running subscription. What committed before `consistentPoint` is in
 * the rows; what the stream brings of it besides is a repeat.
 */
export async function copyTable({ connection, table, onRows }: CopyTableOptions): Promise<SnapshotDone> {
  const name = `copy_${randomBytes(4).toString("hex")}`;
  const session = await connectForSql(connection);
  try {
    await session.query(`CREATE PUBLICATION ${name} FOR TABLE ${quoteIdentifier(table)}`);
    const done = await takeSnapshot({
      connection,
      slot: name,
      publications: [name],
      onRows: (_, rows) => onRows(rows),
    });
    await session.query(`SELECT pg_drop_replication_slot(${quoteLiteral(name)})`);
    return done;
  } finally {
    await session.query(`DROP PUBLICATION IF EXISTS ${name}`);
    await session.close();
  }
}
