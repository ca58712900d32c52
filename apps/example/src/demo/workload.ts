import type { Client } from "pg";

/** One transaction of the demo, and what it shows. */
export interface Step {
  readonly title: string;
  readonly statements: readonly string[];
}

/** The table the demo makes for itself; it is dropped at the end. */
export interface DemoTable {
  readonly schema: string;
  readonly publication: string;
}

/** Makes the demo's own schema, table and publication. The publication comes before the slot: a slot decodes with the catalogue as it was. */
export async function createTable(client: Client, { schema, publication }: DemoTable): Promise<void> {
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
}

/** Removes what `createTable` made; what is gone already is no error. */
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
    { title: "the table is emptied", statements: [`TRUNCATE ${orders}`] },
  ];
}

/** Runs one step as one transaction and answers its transaction id. */
export async function runStep(client: Client, step: Step): Promise<number> {
  await client.query("BEGIN");
  const { rows } = await client.query<{ xid: string }>("SELECT pg_current_xact_id()::xid::text AS xid");
  for (const statement of step.statements) await client.query(statement);
  await client.query("COMMIT");
  return Number(rows[0]?.xid);
}
