import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";

/** Runs the example as a user does: a process of its own, which prints until it is ended. */
function example(url: string): { readonly child: ChildProcess; readonly lines: AsyncIterator<string> } {
  const program = fileURLToPath(new URL("postgrex-example.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=@trunkline/source", program, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** The kind of the next message: the first byte of what was printed. */
async function next(lines: AsyncIterator<string>): Promise<string> {
  const { value } = await lines.next();
  const [, first] = /^<Buffer ([0-9a-f]{2})/.exec(String(value)) ?? [];
  return first === undefined ? String(value) : String.fromCharCode(Number.parseInt(first, 16));
}

test("Postgrex's own example prints every message, and acknowledges the keepalives that ask", async () => {
  // A server that asks after a second of silence and ends whoever is silent for two.
  await using server = await startPostgres({ settings: { wal_sender_timeout: "2s" } });
  await using writer = await server.client();
  await writer.query("CREATE TABLE things (id int PRIMARY KEY, name text)");
  await writer.query("CREATE PUBLICATION postgrex_example FOR ALL TABLES");
  const { child, lines } = example(server.url);
  const ended = once(child, "exit");
  try {
    const slot = "SELECT temporary, active, plugin FROM pg_replication_slots WHERE slot_name = 'postgrex' AND active";
    const acknowledged = "SELECT pid FROM pg_stat_replication WHERE flush_lsn > '0/0'";
    const rows = async (sql: string) => (await writer.query(sql)).rows;
    await expect
      .poll(() => rows(slot), { timeout: 20_000 })
      .toEqual([{ temporary: true, active: true, plugin: "pgoutput" }]);
    await expect.poll(() => rows(acknowledged), { timeout: 20_000 }).toHaveLength(1);
    const before = await rows(acknowledged);
    await writer.query("INSERT INTO things VALUES (1, 'trunk')");
    expect([await next(lines), await next(lines), await next(lines), await next(lines)].join("")).toBe("BRIC");
    await writer.query("UPDATE things SET name = 'line'");
    expect([await next(lines), await next(lines), await next(lines)].join("")).toBe("BUC");
    expect(await rows(acknowledged)).toEqual(before);
  } finally {
    child.kill();
    await ended;
  }
  await expect.poll(async () => (await writer.query("SELECT FROM pg_replication_slots")).rowCount).toBe(0);
});

test("the READMEs show postgrex-example.ts as it is", async () => {
  const program = await readFile(new URL("postgrex-example.ts", import.meta.url), "utf8");
  for (const page of ["packages/replication/README.md", "docs/coming-from-postgrex.md"]) {
    const text = await readFile(new URL(`../../../${page}`, import.meta.url), "utf8");
    expect(text, page).toContain(`\`\`\`ts\n${program}\`\`\`\n`);
  }
});
