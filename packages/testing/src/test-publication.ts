import pg from "pg";
import type { TestClient } from "./test-client.ts";

/** What a publication publishes. */
export interface PublicationOptions {
  /** Names of tables as SQL writes them (`"orders"`, `"audit.events (id, at)"`); default: all tables. */
  readonly tables?: readonly string[];
  /** Parameters, such as `{ publish: "insert, update" }`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A publication that is dropped with `await using`. */
export interface TestPublication extends AsyncDisposable {
  readonly name: string;
}

type Connect = () => Promise<TestClient>;

/** Makes a publication in the database that `connect` leads to. */
export async function createPublication(
  connect: Connect,
  name: string,
  options: PublicationOptions,
): Promise<TestPublication> {
  await using client = await connect();
  const what = options.tables === undefined ? "FOR ALL TABLES" : `FOR TABLE ${options.tables.join(", ")}`;
  const parameters = Object.entries(options.parameters ?? {}).map(
    ([key, value]) => `${key} = ${pg.escapeLiteral(value)}`,
  );
  const how = parameters.length === 0 ? "" : ` WITH (${parameters.join(", ")})`;
  await client.query(`CREATE PUBLICATION ${pg.escapeIdentifier(name)} ${what}${how}`);
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await using dropper = await connect().catch(noDatabase);
      await dropper?.query(`DROP PUBLICATION IF EXISTS ${pg.escapeIdentifier(name)}`);
    },
  };
}

/** The database was dropped before its publication, which is then gone too. */
function noDatabase(error: unknown): undefined {
  if (error instanceof pg.DatabaseError && error.code === "3D000") return undefined;
  throw error;
}
