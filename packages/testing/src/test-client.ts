import pg from "pg";

/** A connected node-postgres client that `await using` ends. */
export type TestClient = pg.Client & AsyncDisposable;

/**
 * Connects; what `config` says wins over the URL. The client survives the end of its server: a test that stops servers
 * sees it as the next query's error, or awaits the client's `end` event.
 */
export async function connectClient(connectionString: string, config: pg.ClientConfig = {}): Promise<TestClient> {
  const { host, port, user, password, database, ssl } = new pg.Client({ connectionString });
  const parsed = {
    host,
    port,
    ssl,
    ...(user && { user }),
    ...(password && { password }),
    ...(database && { database }),
  };
  const client = new pg.Client({ ...parsed, ...config });
  client.on("error", () => {}); // without a listener the end of the server would end the test process
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => endClient(client) });
}

async function endClient(client: pg.Client): Promise<void> {
  await client.end().catch(() => {}); // its server may be gone
}
