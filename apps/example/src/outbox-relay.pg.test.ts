import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";

interface Posted {
  readonly key: string;
  readonly topic: string;
  readonly payload: unknown;
}

/** A broker that stores everything it is sent, repeats too, and answers as it is told. */
async function fakeBroker(answer: (posted: Posted, response: ServerResponse) => void) {
  const received: Posted[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const key = String(request.headers["idempotency-key"]);
    const posted = { key, topic: String(request.url), payload: JSON.parse(await text(request)) };
    received.push(posted);
    answer(posted, response);
  };
  const server = createServer((request, response) => void take(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Starts the relay as a user does; resolves when it relays. */
async function relay(...args: string[]): Promise<ChildProcess> {
  const program = fileURLToPath(new URL("outbox-relay-http.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=@trunkline/source", program, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`The program ended with ${code} before it said that it runs.`);
  });
  await Promise.race([once(child.stdout, "data"), ended]);
  return child;
}

/** The messages without their repeats. */
const deduplicated = (received: readonly Posted[]): Posted[] => [
  ...new Map(received.map((posted) => [posted.key, posted])).values(),
];

test("every outbox row reaches the broker in order, and each repeat has the key of the first time", async () => {
  await using database = await (await sharedPostgres()).database();
  await database.query(
    "CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text, payload jsonb)",
  );
  let running: ChildProcess | undefined;
  const seen = new Set<unknown>();
  await using broker = await fakeBroker(({ payload }, response) => {
    const again = seen.has(payload);
    seen.add(payload);
    if (payload === 2 && !again) response.writeHead(503).end();
    else if (payload === 5 && !again)
      response.destroy(); // stored, but the relay is not told
    else if (payload === 8 && !again) running?.kill("SIGKILL");
    else response.end();
  });
  const insert = (from: number, to: number) =>
    database.query(
      "INSERT INTO outbox (topic, payload) SELECT 'orders', to_jsonb(n) FROM generate_series($1::int, $2) n",
      [from, to],
    );
  running = await relay(database.url, broker.url);
  const killed = once(running, "exit");
  try {
    await insert(1, 3);
    await database.query("DELETE FROM outbox");
    await database.query("BEGIN; INSERT INTO outbox (topic, payload) VALUES ('orders', '-1'); ROLLBACK");
    await insert(4, 6);
    for (let n = 7; n <= 10; n += 1) await insert(n, n);
    expect(await killed).toEqual([null, "SIGKILL"]);
    running = await relay(database.url, broker.url);
    await expect.poll(() => seen.has(10), { timeout: 20_000 }).toBe(true);
  } finally {
    running.kill("SIGKILL");
  }
  const distinct = deduplicated(broker.received);
  expect(distinct.map(({ payload }) => payload)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(distinct.map(({ key }) => key)).toEqual(distinct.map(({ key }) => key).toSorted());
  expect(new Set(broker.received.map(({ topic, payload }) => `${topic} ${payload}`)).size).toBe(10);
  const repeated = new Set(
    broker.received.filter((posted) => !distinct.includes(posted)).map(({ payload }) => payload),
  );
  expect([...repeated]).toEqual(expect.arrayContaining([2, 5, 8]));
});

test("SIGTERM ends the relay, and what it has relayed does not come again", async () => {
  await using database = await (await sharedPostgres()).database();
  await database.query(
    "CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text, payload jsonb)",
  );
  await using broker = await fakeBroker((_posted, response) => void response.end());
  const rows = (): unknown[] => broker.received.map(({ payload }) => payload);
  for (const n of [1, 2]) {
    const running = await relay(database.url, broker.url);
    await database.query("INSERT INTO outbox (topic, payload) VALUES ('orders', to_jsonb($1::int))", [n]);
    await expect.poll(() => rows().includes(n), { timeout: 20_000 }).toBe(true);
    const ended = once(running, "exit");
    running.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  }
  expect(rows()).toEqual([1, 2]);
});
