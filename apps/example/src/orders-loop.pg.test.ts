import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("orders-loop.ts", import.meta.url));
const output = "waiting for orders\norder 1: 19.90\norder 1 is paid\n";

test("the loop prints each order, remembers where it was, and ends when it is left", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE orders (id int PRIMARY KEY, status text, total numeric)");
  const run = () => {
    const child = spawn(process.execPath, ["--import", "tsx", "--conditions=@trunkline/source", program, "--once"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, DATABASE_URL: database.url },
    });
    return {
      child,
      lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
      ended: once(child, "exit"),
    };
  };
  const first = run();
  expect((await first.lines.next()).value).toBe("waiting for orders");
  const slot = "SELECT active FROM pg_replication_slots WHERE slot_name = 'orders_loop'";
  await expect.poll(() => database.query(slot), { timeout: 30_000 }).toEqual([{ active: true }]);
  await database.query("INSERT INTO orders VALUES (1, 'new', 19.90)");
  expect((await first.lines.next()).value).toBe("order 1: 19.90");
  expect(await first.ended).toEqual([0, null]);
  await database.query("UPDATE orders SET status = 'paid'");
  const second = run();
  expect((await second.lines.next()).value).toBe("waiting for orders");
  expect((await second.lines.next()).value).toBe("order 1 is paid");
  expect(await second.ended).toEqual([0, null]);
});

test.each(["README.md", "packages/subscription/README.md"])(
  "%s opens with this program and its output",
  async (name) => {
    const page = await readFile(new URL(`../../../${name}`, import.meta.url), "utf8");
    const [, source, shown] = /^```ts\n([\s\S]*?)^```\n[\s\S]*?^```(?:text)?\n([\s\S]*?)^```$/m.exec(page) ?? [];
    expect(source).toBe(await readFile(program, "utf8"));
    expect(shown).toBe(output);
  },
);
