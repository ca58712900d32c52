import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";

/** Starts the mirror as a user does; resolves when it streams, or waits for the walsender of the one before to end. */
async function start(source: string, copy: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL("mirror-program.ts", import.meta.url));
  const options = ["--import", "tsx", "--conditions=@trunkline/source"];
  const child = spawn(process.execPath, [...options, program, source, copy], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`The program ended with ${code} before it said that it runs.`);
  });
  await Promise.race([once(child.stdout, "data"), ended]);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

test("a mirror that is killed in the middle of a load, again and again, has each row, and each row once", async () => {
  const server = await sharedPostgres();
  await using source = await server.database();
  await using copy = await server.database();
  await source.query("CREATE TABLE accounts (id bigint PRIMARY KEY, balance numeric)");
  // Without a key, so that a row which is applied twice stands there twice instead of being refused.
  await copy.query("CREATE TABLE accounts (id bigint, balance numeric)");
  const count = async (): Promise<number> => {
    const [row] = await copy.query<{ count: number }>("SELECT count(*)::int AS count FROM accounts");
    return row?.count ?? 0;
  };
  let mirror = await start(source.url, copy.url);
  let last = 0;
  const write = async (transactions: number): Promise<void> => {
    for (const end = last + 2 * transactions; last < end; last += 2) {
      await source.query("INSERT INTO accounts VALUES ($1::int + 1, 0), ($1::int + 2, 10.50)", [last]);
    }
  };
  let written = Promise.resolve();
  try {
    for (let round = 0; round < 3; round += 1) {
      const before = await count();
      written = write(150);
      await expect.poll(count, { timeout: 20_000, interval: 1 }).toBeGreaterThan(before + 50);
      await kill(mirror);
      mirror = await start(source.url, copy.url);
      await written;
    }
    await source.query("UPDATE accounts SET balance = balance + 1 WHERE id % 3 = 0");
    await source.query("UPDATE accounts SET id = -id WHERE id % 5 = 0");
    await source.query("DELETE FROM accounts WHERE id % 7 = 0");
    await source.query("INSERT INTO accounts VALUES (0, 'NaN')");
    const end = "SELECT count(*)::int AS count FROM accounts WHERE id = 0";
    await expect.poll(() => copy.query(end), { timeout: 30_000 }).toEqual([{ count: 1 }]);
  } finally {
    await written;
    await kill(mirror);
  }
  const rows = "SELECT id, balance FROM accounts ORDER BY id";
  expect(await copy.query(rows)).toEqual(await source.query(rows));
});
