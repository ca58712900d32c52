import { expect, test } from "vitest";
import { frontend, rawClient, startupMessage } from "../../test/raw-client.ts";
import { sharedPostgres } from "../shared-postgres.ts";
import { startPostgres } from "../start-postgres.ts";
import { faultProxy } from "./fault-proxy.ts";
import { MessageScanner } from "./message-scanner.ts";

test("a real replication stream is cut at every message boundary", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE t (n int PRIMARY KEY)");
  await using publication = await database.publication();
  await using slot = await database.slot();
  await database.query("INSERT INTO t SELECT generate_series(1, 3)");
  await using proxy = await faultProxy({ target: { host: server.host, port: server.port } });
  const start = `START_REPLICATION SLOT "${slot.name}" LOGICAL 0/0 (proto_version '1', publication_names '${publication.name}')\0`;
  const requests = Buffer.concat([
    startupMessage({ user: "postgres", database: database.name, replication: "database" }),
    frontend("Q", start),
  ]);

  // The stream up to the Commit, as long as nothing is cut: the slot is never confirmed, so it comes each time.
  const streamUntil = async (messages: number) => {
    proxy.replan(({ toClient }) => {
      toClient.at({ messages }, "fin");
    });
    using client = await rawClient(proxy.port);
    client.socket.write(requests);
    await client.over;
    client.socket.end();
    await (await proxy.connection(proxy.accepted)).closed; // by then the server has let go of the slot
    return client.received();
  };
  for (let messages = 1; ; messages += 1) {
    const received = await streamUntil(messages);
    expect(completeMessages(received)).toEqual({ messages, rest: 0 });
    if (received.toString("latin1").includes("C\0\0\0\0\0", received.length - 60)) break; // pgoutput's Commit, flags and LSN
    expect(messages).toBeLessThan(100);
  }
});

test("a client behind a stalled connection is waited for, and a restarted server is reached by the same port", async () => {
  await using server = await startPostgres({ settings: {} });
  await using proxy = await faultProxy({ target: { host: server.host, port: server.port } });
  const direct = await server.client();
  await direct[Symbol.asyncDispose]();
  await using client = await server.client({ port: proxy.port });
  const { toClient } = await proxy.connection(1);
  toClient.stall();
  const asked = client.query("SELECT 1 AS n");
  await using watcher = await server.client();
  const states = () =>
    watcher.query("SELECT state FROM pg_stat_activity WHERE query = 'SELECT 1 AS n' AND state = 'idle'");
  while ((await states()).rows.length === 0); // the server has answered; the answer is held
  toClient.resume();
  expect((await asked).rows).toEqual([{ n: 1 }]);
  await server.stop("immediate");
  await expect(client.query("SELECT 1")).rejects.toThrow();
  await server.start();
  await using again = await server.client({ port: proxy.port });
  expect((await again.query("SELECT 2 AS n")).rows).toEqual([{ n: 2 }]);
});

test("a unix socket can be the target", async () => {
  await using server = await startPostgres({ settings: {} });
  await using proxy = await faultProxy({ target: { socketPath: `${server.socketDir}/.s.PGSQL.${server.port}` } });
  await using client = await server.client({ port: proxy.port });
  expect((await client.query("SELECT inet_client_addr() AS address")).rows).toEqual([{ address: null }]);
});

/** How many messages the bytes hold, and how many bytes of one that is incomplete. */
function completeMessages(bytes: Buffer): { messages: number; rest: number } {
  const scanner = new MessageScanner("server", { unanswered: 0, opaque: false });
  let messages = 0;
  let whole = 0;
  for (let at = 0; at < bytes.length; ) {
    const { used, ended } = scanner.advance(bytes.subarray(at));
    at += used;
    if (ended === undefined) continue;
    messages += 1;
    whole = at;
  }
  return { messages, rest: bytes.length - whole };
}
