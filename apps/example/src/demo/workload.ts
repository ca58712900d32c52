import { dropReplicationSlot, PostgresError } from "@trunkline/protocol";
import { connect } from "@trunkline/replication";
import type { Client } from "pg";

/** What goes wrong on purpose right before a step. */
export type Fault = "terminateWalsender" | "crashHandler";

/** One transaction of the demo, and what it shows. */
export interface Step {
  readonly title: string;
  readonly statements: readonly string[];
  readonly fault?: Fault;
}

/** What the demo makes for itself; it is dropped at the end. */
export interface DemoTable {
  readonly schema: string;
  readonly publication: string;
  /** One durable slot for each consumer. */
  readonly slots: readonly string[];
}

/** Makes the schema, the table, the publication and then the slots: a slot decodes with the catalogue as it was. */
export async function createTable(client: Client, { schema, publication, slots }: DemoTable): Promise<void> {
  await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(`CREATE TABLE ${schema}.orders (
    id bigint PRIMARY KEY,
    customer text NOT NULL,
    total numeric(10,2) NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    details jsonb,
    note text,
    placed_at timestamptz NOT NULL DEFAULT now()
  )`);
  await client.query(`ALTER TABLE ${schema}.orders ALTER note SET STORAGE EXTERNAL`);
  await client.query(`CREATE PUBLICATION ${publication} FOR TABLE ${schema}.orders`);
  for (const slot of slots) await client.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
}

/** Drops the slots that are there. It waits for walsenders that are just ending, which `pg_drop_replication_slot` does not. */
export async function dropSlots(url: string, { slots }: DemoTable): Promise<void> {
  const session = await connect({ connectionString: url });
  try {
    for (const slot of slots) {
      const gone = await session.query(dropReplicationSlot({ slot, wait: true })).catch((error: unknown) => error);
      if (gone instanceof PostgresError && gone.condition !== "undefined_object") throw gone;
    }
  } finally {
    await session.close();
  }
}

/** Removes the schema, the table and the publication; what is gone already is no error. */
export async function dropTable(client: Client, { schema, publication }: DemoTable): Promise<void> {
  await client.query(`DROP PUBLICATION IF EXISTS ${publication}`);
  await client.query(`SET client_min_messages = warning; DROP SCHEMA IF EXISTS ${schema} CASCADE`);
}

/** The transactions of the demo, in order. */
export function steps({ schema }: DemoTable): readonly Step[] {
  const orders = `${schema}.orders`;
  return [
    {
      title: "three orders come in, in one transaction",
      statements: [
        `INSERT INTO ${orders} (id, customer, total, tags, details) VALUES
           (9007199254740993, 'Ada', 12.50, '{book}', '{"gift": true}'),
           (2, 'Grace', 99.90, '{ship,"next day"}', NULL),
           (3, 'Edsger', 0.10, '{}', '{"goto": "considered harmful"}')`,
      ],
    },
    {
      title: "one is paid, one changes its key",
      statements: [
        `UPDATE ${orders} SET details = '{"paid": true}' WHERE id = 2`,
        `UPDATE ${orders} SET id = 4 WHERE id = 3`,
      ],
    },
    {
      title: "a 40 kB note is stored out of line (TOAST), then another column of that row changes",
      statements: [
        `UPDATE ${orders} SET note = repeat('trunk ', 7000) WHERE id = 2`,
        `UPDATE ${orders} SET total = total + 1 WHERE id = 2`,
      ],
    },
    { title: "one is cancelled", statements: [`DELETE FROM ${orders} WHERE id = 4`] },
    {
      title: "the walsender of orders is terminated, and while it is gone two more orders come in",
      fault: "terminateWalsender",
      statements: [`INSERT INTO ${orders} (id, customer, total) VALUES (5, 'Barbara', 7.77), (6, 'Alan', 1.01)`],
    },
    {
      title: "the handler of audit crashes on the next change",
      fault: "crashHandler",
      statements: [`UPDATE ${orders} SET customer = 'Alan T.' WHERE id = 6`],
    },
    { title: "the table is emptied", statements: [`TRUNCATE ${orders}`] },
  ];
}

/** Runs one step as one transaction. @returns its transaction id, and how many changes a stream must see of it */
export async function runStep(client: Client, step: Step): Promise<{ xid: number; changes: number }> {
  await client.query("BEGIN");
  const { rows } = await client.query<{ xid: string }>("SELECT pg_current_xact_id()::xid::text AS xid");
  let changes = 0;
  for (const statement of step.statements) {
    const { command, rowCount } = await client.query(statement);
    changes += command === "TRUNCATE" ? 1 : (rowCount ?? 0);
  }
  await client.query("COMMIT");
  return { xid: Number(rows[0]?.xid), changes };
}
