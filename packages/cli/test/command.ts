import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { TestDatabase } from "@trunkline/testing";

const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url));
const tsx = createRequire(import.meta.url).resolve("tsx");
const nodeArguments = ["--conditions=@trunkline/source", "--import", tsx, bin];

/** How it ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process of its own. */
export interface Started {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly written: () => { readonly stdout: string; readonly stderr: string };
  /** Settles when stdout matches. */
  readonly stdoutHas: (pattern: RegExp) => Promise<void>;
  readonly stderrHas: (pattern: RegExp) => Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Starts `trunkline` with these arguments; variables of libpq don't reach it unless they are given. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG") && name !== "NO_COLOR");
  const child = spawn(process.execPath, [...nodeArguments, ...args], {
    env: { ...Object.fromEntries(kept), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      texts[name] += chunk;
    });
  }
  const has = async (name: "stdout" | "stderr", pattern: RegExp): Promise<void> => {
    const over = once(child, "close").then(() => "over" as const);
    while (!pattern.test(texts[name])) {
      if ((await Promise.race([once(child[name], "data"), over])) === "over" && !pattern.test(texts[name])) {
        throw new Error(`It ended without ${pattern} on ${name}:\n${texts.stdout}\n${texts.stderr}`);
      }
    }
  };
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode: exitCode as number | null, ...texts }));
  return {
    child,
    written: () => ({ ...texts }),
    stdoutHas: (pattern) => has("stdout", pattern),
    stderrHas: (pattern) => has("stderr", pattern),
    ended,
  };
}

/** Runs it to its end; `input` is what it reads. */
export function trunkline(
  args: readonly string[],
  { env = {}, input = "" }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Ended> {
  const { child, ended } = start(args, env);
  child.stdin?.on("error", () => {}); // it may end before it has read
  child.stdin?.end(input);
  return ended;
}

/** The slots of the database, as soon as one of them is read. */
export async function readSlots(database: TestDatabase): Promise<readonly string[]> {
  for (;;) {
    const rows = await database.query<{ name: string }>(
      `SELECT slot_name AS name FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid
       WHERE database = current_database() AND r.state = 'streaming'`,
    );
    if (rows.length > 0) return rows.map(({ name }) => name);
  }
}

/** Settles when the database has neither slots nor publications. */
export async function tidy(database: TestDatabase): Promise<void> {
  for (;;) {
    const [row] = await database.query<{ count: number }>(
      `SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database())::int
        + (SELECT count(*) FROM pg_publication)::int AS count`,
    );
    if (row?.count === 0) return;
  }
}
