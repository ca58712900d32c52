import pg from "pg";

/** A connected node-postgres client that `await using` ends. */
export type TestClient = pg.Client & AsyncDisposable;

/** Connects. The client survives the end of its server: a test that stops servers awaits a query's error instead. */
export async function connectClient(connectionString: string, config: pg.ClientConfig = {}): Promise<TestClient> {
  const client = new pg.Client({ connectionString, ...config });
  client.on("error", () => {}); // without a listener the end of the server would end the test process
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => endClient(client) });
}

async function endClient(client: pg.Client): Promise<void> {
  await client.end().catch(() => {}); // its server may be gone
}
