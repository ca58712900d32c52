import pg from "pg";
import { expect, test } from "vitest";
import type { TestClient } from "./test-client.ts";
import { createDatabase } from "./test-database.ts";

/** A client that answers, and one whose connection is lost while nobody has heard of it yet. */
async function client(state: "answers" | "lost"): Promise<TestClient> {
  const made = new pg.Client();
  if (state === "lost") await made.end();
  else made.query = (async () => ({ rows: [{ one: 1 }] })) as unknown as typeof made.query;
  return Object.assign(made, { [Symbol.asyncDispose]: async () => {} });
}

test("a query whose client is lost rejects, and the next one is asked of another client", async () => {
  const clients = [await client("answers"), await client("lost"), await client("answers")];
  const database = await createDatabase({
    reachable: async () => false,
    urlOf: (name) => `postgres://localhost/${name}`,
    connect: async () => clients.shift() ?? (await client("lost")),
  });
  await expect(database.query("SELECT 1 AS one")).rejects.toThrow("not queryable");
  await expect(database.query("SELECT 1 AS one")).resolves.toEqual([{ one: 1 }]);
});
