import { randomBytes } from "node:crypto";
import { type Logger, makeRuntime, silentLogger } from "@trunkline/process";
import { formatLsn, ZERO_LSN } from "@trunkline/protocol";
import { connect } from "@trunkline/replication";
import { Supervisor } from "@trunkline/supervisor";
import pg from "pg";
import { changeLine } from "./change-lines.ts";
import { Consumer, type ConsumerArgument } from "./consumer.ts";
import type { Palette } from "./palette.ts";
import { missingPrerequisites } from "./prerequisites.ts";
import { createSink, type Sink } from "./sink.ts";
import { createTable, type DemoTable, dropSlots, dropTable, runStep, steps } from "./workload.ts";

/** Something a person has to mend before the demo can run; the message says what, and needs no stack trace. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}

/** How long the changes of one transaction may take from commit to being stored. */
const patienceMs = 15_000;

/** Where the demo writes, and what ends it early. */
export interface DemoSurroundings {
  readonly say: (line: string) => void;
  readonly palette: Palette;
  /** Ctrl-C: the demo stops, and still drops what it has made. */
  readonly signal: AbortSignal;
}

/**
 * Runs the demo against the server at `url`. However it ends, its schema, publication and slots are dropped: a slot that
 * is left behind keeps the server's WAL for ever.
 * @throws DemoError
 */
export async function runDemo(url: string, surroundings: DemoSurroundings): Promise<void> {
  await tryUrl(url);
  const client = await connectWriter(url);
  const name = `trunkline_demo_${randomBytes(4).toString("hex")}`;
  const table = { schema: name, publication: name, slots: [`${name}_orders`, `${name}_audit`] };
  try {
    const missing = await missingPrerequisites(url, table);
    if (missing !== undefined) throw new DemoError(missing);
    try {
      await createTable(client, table);
      await streamAndWrite(url, client, table, surroundings);
    } finally {
      // Said, not thrown: an error that came first is the one to end with.
      const left = (error: unknown): void =>
        surroundings.say(`Could not clean up: ${sentence(error)}\n${remains(table)}`);
      await dropSlots(url, table).catch(left);
      await dropTable(client, table).catch(left);
    }
  } finally {
    await client.end().catch(() => {});
  }
}

async function streamAndWrite(
  url: string,
  client: pg.Client,
  table: DemoTable,
  { say, palette, signal }: DemoSurroundings,
): Promise<void> {
  const { bold, cyan, dim, yellow } = palette;
  const started = performance.now();
  const sinks = { orders: createSink(ZERO_LSN), audit: createSink(ZERO_LSN) };
  let crashNext = false;
  let bytes = 0;
  const consumer = (id: "orders" | "audit"): ConsumerArgument => ({
    slot: `${table.schema}_${id}`,
    publication: table.publication,
    sink: sinks[id],
    tell: (what) => say(dim(`  ${yellow("◆")} ${id} ${what}`)),
    see: (message, at, size) => {
      if (id !== "orders") return;
      bytes += size;
      const line = changeLine(message, at, palette);
      if (line !== undefined) say(line);
    },
    handle: () => {
      if (id !== "audit" || !crashNext) return;
      crashNext = false;
      throw new Error("the audit handler crashes on purpose");
    },
  });
  const options = { connectionString: url, autoReconnect: true };
  const app = await Supervisor.startLink(
    [
      Consumer.childSpec(consumer("orders"), options, { id: "orders" }),
      Consumer.childSpec(consumer("audit"), options, { id: "audit" }),
    ],
    { strategy: "one_for_one", runtime: makeRuntime({ logger: reportsTo(say, palette) }) },
  );
  try {
    let written = 0;
    for (const step of steps(table)) {
      say(`\n${cyan("▸")} ${bold(step.title)}`);
      if (step.fault === "terminateWalsender") await terminateWalsender(client, `${table.schema}_orders`);
      if (step.fault === "crashHandler") crashNext = true;
      const { xid, changes } = await runStep(client, step);
      written += changes;
      await within(patienceMs, signal, Promise.all([sinks.orders.stored(xid), sinks.audit.stored(xid)]));
    }
    const took = Math.round(performance.now() - started);
    say("");
    say(summary("orders", written, sinks.orders, palette));
    say(summary("audit", written, sinks.audit, palette));
    say(
      `  ${written} changes, ${bytes} bytes decoded, acknowledged up to ${formatLsn(sinks.orders.reached)}, ${took} ms.`,
    );
    const incomplete = [sinks.orders, sinks.audit].some((sink) => sink.changes !== written);
    if (incomplete) throw new DemoError("Changes were lost or came twice: please report this.");
  } finally {
    await Supervisor.stop(app, "shutdown");
  }
}

/**
 * Connects once as the replication connections will, but in an ordinary session, which needs no permission: a URL that
 * they refuse is found out before anything has been made on the server.
 */
async function tryUrl(url: string): Promise<void> {
  try {
    const session = await connect({ connectionString: url, parameters: { replication: "false" } });
    await session.close();
  } catch (error) {
    throw cannotConnect(error);
  }
}

async function connectWriter(url: string): Promise<pg.Client> {
  try {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {}); // the next query tells
    await client.connect();
    return client;
  } catch (error) {
    throw cannotConnect(error);
  }
}

const cannotConnect = (cause: unknown): DemoError => new DemoError(`Can't connect: ${sentence(cause)}`, { cause });

const sentence = (error: unknown): string => (error instanceof Error ? error.message || String(error) : String(error));

/** The SQL that drops what the demo makes. */
const remains = ({ schema, publication, slots }: DemoTable): string =>
  [
    ...slots.map((slot) => `  SELECT pg_drop_replication_slot('${slot}');`),
    `  DROP PUBLICATION IF EXISTS ${publication};`,
    `  DROP SCHEMA IF EXISTS ${schema} CASCADE;`,
  ].join("\n");

async function within<T>(limitMs: number, signal: AbortSignal, work: Promise<T>): Promise<T> {
  let lift = (): void => {};
  const interrupted = new Promise<never>((_, reject) => {
    const tooLate = `No change arrived within ${limitMs / 1000} s of its commit: see the server's log.`;
    const timer = setTimeout(() => reject(new DemoError(tooLate)), limitMs);
    const onAbort = (): void => reject(new DemoError("Interrupted."));
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    lift = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    lift();
  }
}

/** What the supervision tree reports at error level, a line each. Its other levels stay quiet. */
function reportsTo(say: (line: string) => void, { dim, red }: Palette): Logger {
  return { ...silentLogger, error: (_fields, message) => say(dim(`  ${red("✗")} ${message}`)) };
}

/** Resolves when the backend is gone. */
async function terminateWalsender(client: pg.Client, slot: string): Promise<void> {
  await client.query("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = $1", [
    slot,
  ]);
}

function summary(consumer: string, written: number, sink: Sink, { green, red }: Palette): string {
  const lost = written - sink.changes;
  const mark = lost === 0 ? green("✓") : red("✗");
  const repeats = sink.repeats === 0 ? "" : ` (${sink.repeats} transactions came twice and were recognised)`;
  return `${mark} ${consumer}: written ${written}, seen ${sink.changes}, lost ${lost}${repeats}`;
}
