// Runs in a project with the packed @trunkline/testing: a server for the program that opens the README of
// @trunkline/subscription (argv[2]), and the writes that it waits for. Prints what the program prints.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { startPostgres } from "@trunkline/testing";

// No `await using`: Node 20 has the symbols, not yet the syntax.
const server = await startPostgres();
const database = await server.database();
/** One run of the program: `onWaiting` is called once it has said its first line and its slot is in use. */
async function run(onWaiting) {
  const child = spawn(process.execPath, [process.argv[2], "--once"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, DATABASE_URL: database.url },
  });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== "waiting for orders") console.log(line);
    else if (onWaiting !== undefined) {
      console.log(line);
      while (!(await inUse())) if (child.exitCode !== null) break;
      await onWaiting();
    }
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`It exits with ${code}.`);
}

async function inUse() {
  const rows = await database.query("SELECT FROM pg_replication_slots WHERE slot_name = 'orders_loop' AND active");
  return rows.length > 0;
}

try {
  await database.query("CREATE TABLE orders (id int PRIMARY KEY, status text, total numeric)");
  await run(() => database.query("INSERT INTO orders VALUES (1, 'new', 19.90)"));
  await database.query("UPDATE orders SET status = 'paid'");
  await run();
} finally {
  await server[Symbol.asyncDispose]();
}
