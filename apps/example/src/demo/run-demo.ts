import { randomBytes } from "node:crypto";
import { formatLsn } from "@trunkline/protocol";
import pg from "pg";
import { changeLine } from "./change-lines.ts";
import { openChangeStream } from "./change-stream.ts";
import type { Palette } from "./palette.ts";
import { explainMissing, missingPrerequisites } from "./prerequisites.ts";
import { createTable, dropTable, runStep, steps } from "./workload.ts";

/** Something a person has to mend before the demo can run; the message says what, and needs no stack trace. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}

/** How long the changes of one transaction may take from commit to screen. */
const patienceMs = 15_000;

/** Runs the demo against the server at `url`, and writes what it sees with `say`. */
export async function runDemo(url: string, say: (line: string) => void, palette: Palette): Promise<void> {
  const { bold, cyan, dim, green } = palette;
  const client = await connectWriter(url);
  const suffix = randomBytes(4).toString("hex");
  const table = { schema: `trunkline_demo_${suffix}`, publication: `trunkline_demo_${suffix}` };
  try {
    const missing = await missingPrerequisites(client);
    if (missing.length > 0) throw new DemoError(explainMissing(missing));
    const started = performance.now();
    await createTable(client, table);
    const stream = await openChangeStream(url, table.publication, (message, at) => {
      const line = changeLine(message, at, palette);
      if (line !== undefined) say(line);
    });
    try {
      say(dim(`Streaming ${table.schema}.orders through a temporary slot.`));
      for (const step of steps(table)) {
        say(`\n${cyan("▸")} ${bold(step.title)}`);
        const xid = await runStep(client, step);
        await within(patienceMs, stream.printed(xid));
      }
      const { rows, bytes, reached } = stream.totals;
      const took = Math.round(performance.now() - started);
      say("");
      say(
        `${green("✓")} ${rows} rows, ${bytes} bytes decoded, everything up to ${formatLsn(reached)} acknowledged, in ${took} ms.`,
      );
    } finally {
      await stream.close();
    }
  } finally {
    await dropTable(client, table).catch(() => {}); // the first error is the one to show
    await client.end().catch(() => {});
  }
}

async function connectWriter(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // the next query tells
  try {
    await client.connect();
    return client;
  } catch (error) {
    const { hostname, port } = new URL(url);
    const what = error instanceof Error ? error.message || String(error) : String(error);
    throw new DemoError(
      `Can't connect to ${hostname || "localhost"}:${port || "5432"}: ${what}\nCheck the URL's host, port, user, password and database, and that the server runs.`,
      { cause: error },
    );
  }
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DemoError(`No change arrived within ${limitMs / 1000} s of its commit: see the server's log.`));
    }, limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
