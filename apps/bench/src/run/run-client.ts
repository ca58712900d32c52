import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { ClientReady, ClientReport, ClientTask } from "../clients/task.ts";
import { pinned } from "./pinning.ts";

/** How one run of a client ended. An invalid run's figures mean nothing. */
export type Outcome =
  | { readonly type: "valid"; readonly report: ClientReport }
  | { readonly type: "invalid"; readonly why: string };

/** What a run needs besides its task. */
export interface RunOptions {
  readonly program: string;
  readonly core: number | undefined;
  /** After this long the client is killed and the run is invalid. */
  readonly timeoutMs: number;
  /** Further arguments of the program. */
  readonly args?: readonly string[];
  /** Where to write a CPU profile of the run; default: no profile, which would cost time. */
  readonly profiles?: string | undefined;
  /** Called once when the client says that it listens. */
  readonly onReady?: () => void;
}

/** How much of a failed client's output is kept. */
const COMPLAINT_LENGTH = 400;

/** Runs a client's program to its end, and checks that it has seen all rows and transactions of the task. */
export async function runClient(task: ClientTask, options: RunOptions): Promise<Outcome> {
  const [file, ...rest] = pinned(options.core, [
    process.execPath,
    ...(options.profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profiles}`]),
    options.program,
    JSON.stringify(task),
    ...(options.args ?? []),
  ]);
  const child = spawn(file, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let report: ClientReport | undefined;
  let complaint = "";
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, options.timeoutMs);
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  createInterface(child.stdout).on("line", (line) => {
    const said = parseLine(line);
    if (said === undefined) complaint += `${line}\n`;
    else if ("ready" in said) options.onReady?.();
    else report = said;
  });
  const [code] = await new Promise<[number | null]>((resolve) => child.on("close", (status) => resolve([status])));
  clearTimeout(timer);
  complaint = complaint.slice(0, COMPLAINT_LENGTH);
  if (timedOut) return { type: "invalid", why: `not done after ${options.timeoutMs / 1000} s; ${complaint}` };
  if (report === undefined) return { type: "invalid", why: `ended with ${code} and no report; ${complaint}` };
  return judge(task, report);
}

/** Whether the client has seen what was sent. */
export function judge(task: ClientTask, report: ClientReport): Outcome {
  const { rows, transactions } = report;
  if (rows === task.rows && (transactions === null || transactions === task.transactions)) {
    return { type: "valid", report };
  }
  const seen = `${rows} rows in ${transactions ?? "?"} transactions`;
  return { type: "invalid", why: `saw ${seen} instead of ${task.rows} in ${task.transactions}` };
}

function parseLine(line: string): ClientReport | ClientReady | undefined {
  if (!line.startsWith("{")) return undefined;
  return JSON.parse(line) as ClientReport | ClientReady;
}
