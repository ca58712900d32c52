import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { inspector } from "@trunkline/inspector";
import { makeRuntime, silentLogger } from "@trunkline/process";
import { subscription } from "@trunkline/subscription";
import { Supervisor } from "@trunkline/supervisor";
import pg from "pg";
import { DemoError, type DemoSurroundings } from "./run-demo.ts";
import { mailer, shop } from "./serve-processes.ts";
import { createTable, type DemoTable, dropSlots, dropTable } from "./workload.ts";

/** Each order of this many is held by the handler for {@link holdMs}, so that the page has something to explain. */
const heldEvery = 200;
const holdMs = 12_000;

/**
 * Keeps a small program running until it is interrupted: a shop that writes orders, a subscription that handles them, a
 * mailer that crashes now and then, and the inspector. What it made on the server is dropped at the end.
 * @throws DemoError
 */
export async function serveDemo(url: string, { say, palette, signal }: DemoSurroundings): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on("error", () => {}); // the next query tells
  const name = `trunkline_demo_${randomBytes(4).toString("hex")}`;
  const table: DemoTable = { schema: name, publication: name, slots: [] };
  const slots = [`${name}_orders`];
  const client = await pool.connect().catch((cause: unknown) => {
    throw new DemoError(`Can't connect: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  try {
    await createTable(client, table);
    const app = await Supervisor.startLink(
      [
        subscription({
          id: "orders",
          connection: { connectionString: url },
          slot: slots[0] ?? name,
          publications: [name],
          health: { intervalMs: 2000 },
          onChange: async (change, { signal: ended }) => {
            if (change.kind !== "insert" || Number(change.new["id"]) % heldEvery !== 0) return;
            await delay(holdMs, undefined, { signal: ended });
          },
        }),
        { id: "shop", start: { logic: shop, input: { pool, orders: `${name}.orders` } } },
        { id: "mailer", start: { logic: mailer } },
        inspector({ app: "demo", logger: { ...silentLogger, info: (_fields, message) => say(message) } }),
      ],
      { strategy: "one_for_one", name: "app", runtime: makeRuntime({ logger: silentLogger }) },
    );
    say(
      palette.dim(`Open the address. Every ${heldEvery}th order is held for ${holdMs / 1000} s; Ctrl-C ends the demo.`),
    );
    if (!signal.aborted) await once(signal, "abort");
    await Supervisor.stop(app, "shutdown");
  } finally {
    await dropSlots(url, { ...table, slots }).catch(() => {});
    await dropTable(client, table).catch(() => {});
    client.release();
    await pool.end();
  }
}
