import { EventEmitter, once } from "node:events";
import { makeRuntime, silentLogger } from "@trunkline/process";
import { startSubscription, stopSubscription } from "@trunkline/subscription";
import type { TestDatabase } from "@trunkline/testing";
import { shown } from "./shown.ts";

/** One block of SQL of a guide, and what the page says that comes of it. */
export interface GuideStep {
  readonly sql: string;
  readonly expected: readonly string[];
}

/** What a guide shows: SQL that runs before the subscription starts, then blocks, each with its output. */
export interface Guide {
  readonly before: string;
  readonly steps: readonly GuideStep[];
}

/** Reads a page: the fence `sql before`, then pairs of a `sql` and a `text` fence. */
export function readGuide(page: string): Guide {
  const [, before = ""] = /^```sql before\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const pairs = page.matchAll(/^```sql\n([\s\S]*?)^```\s+^```text\n([\s\S]*?)^```$/gm);
  return {
    before,
    steps: [...pairs].map(([, sql = "", text = ""]) => ({ sql, expected: text.trimEnd().split("\n") })),
  };
}

const end = "the end of a block";

/**
 * Runs a guide on a database, under a subscription of the publication `shop`.
 * @returns what came of each block: changes, and errors of statements
 */
export async function followGuide(
  { before, steps }: Guide,
  database: TestDatabase,
): Promise<readonly (readonly string[])[]> {
  for (const statement of statementsOf(before)) await database.query(statement);
  let lines: string[] = [];
  const ended = new EventEmitter();
  const ref = await startSubscription(
    {
      connection: { connectionString: database.url },
      slot: `s_${database.name}`,
      publications: "shop",
      messages: true,
      onChange: (change) => {
        if (change.kind === "message" && change.prefix === end) ended.emit("ended");
        else lines.push(shown(change));
      },
    },
    { runtime: makeRuntime({ logger: silentLogger }) },
  );
  const came: string[][] = [];
  for (const { sql } of steps) {
    lines = [];
    const over = once(ended, "ended");
    const errors: string[] = [];
    for (const statement of statementsOf(sql)) {
      await database
        .query(statement)
        .catch((error: Error & { code?: string }) => errors.push(`ERROR ${error.code}: ${error.message}`));
    }
    await database.query("SELECT pg_logical_emit_message(true, $1, '')", [end]);
    await over;
    came.push([...errors, ...lines]);
  }
  await stopSubscription(ref);
  return came;
}

const statementsOf = (sql: string): readonly string[] =>
  sql
    .split(/;\s*(?:--.*)?$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
