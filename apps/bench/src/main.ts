// `pnpm bench`: runs the workloads through every client, prints tables and goals, writes results/latest.json.
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BenchOptions, parseOptions, usage } from "./options.ts";
import { startRealSource } from "./real/real-source.ts";
import { figuresOf } from "./results/figures.ts";
import { judgeGoals } from "./results/goals.ts";
import { projectGoals } from "./results/project-goals.ts";
import { formatFigures, formatGoals } from "./results/table.ts";
import { bundlePrograms } from "./run/bundle-clients.ts";
import { findPgRecvlogical } from "./run/find-pg-recvlogical.ts";
import { runLatencySeries } from "./run/latency-series.ts";
import { findPinning } from "./run/pinning.ts";
import { runRealSeries } from "./run/real-series.ts";
import { runReplaySeries } from "./run/replay-series.ts";
import type { BenchContext, Sample } from "./run/series.ts";
import { type Workload, workloads } from "./workloads/workload.ts";

const RESULTS = fileURLToPath(new URL("../results/latest.json", import.meta.url));

/** Longer than any run has ever taken on a slow machine. */
const RUN_TIMEOUT_MS = 300_000;

async function run(options: BenchOptions): Promise<void> {
  const programs = await bundlePrograms([...options.clients.map(({ program }) => program), "scout"]);
  const samples: Sample[] = [];
  const context: BenchContext = {
    pinning: findPinning(),
    program: programs.client,
    replayProgram: programs.replay,
    pgRecvlogical: findPgRecvlogical(),
    rounds: options.rounds,
    timeoutMs: RUN_TIMEOUT_MS,
    cache: join(tmpdir(), "trunkline-bench"),
    seed: options.seed,
    profiles: options.profiles,
    onSample: (sample) => {
      samples.push(sample);
      process.stderr.write(`${describe(sample)}\n`);
    },
  };
  const chosen = options.workloads.map((name) => workloads[name]);
  const rowsOf = (workload: Workload) => options.rows ?? (options.quick ? workload.quickRows : workload.rows);
  if (options.setups.includes("replay")) {
    for (const workload of chosen) {
      await runReplaySeries(workload, rowsOf(workload), clientsOf(options, workload, "replay"), context);
    }
  }
  let postgres: string | undefined;
  if (options.setups.includes("real")) {
    await using source = await startRealSource(Object.values(workloads), context.pinning?.server);
    postgres = source.server.serverVersion;
    for (const workload of options.quick ? chosen.slice(0, 1) : chosen) {
      await runRealSeries(source, workload, rowsOf(workload), clientsOf(options, workload, "real"), context);
    }
    if (options.latencySeconds > 0) {
      await runLatencySeries(source, options.latencySeconds, options.clients, context);
    }
  }
  report(options, context, postgres, samples);
}

function clientsOf({ clients }: BenchOptions, { name }: Workload, setup: Sample["setup"]) {
  return clients.filter((client) => client.setups.includes(setup) && client.workloads.includes(name));
}

function report(
  options: BenchOptions,
  context: BenchContext,
  postgres: string | undefined,
  samples: readonly Sample[],
): void {
  const figures = figuresOf(samples);
  const goals = judgeGoals(projectGoals, figures);
  const machine = {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    pinned: context.pinning !== undefined,
    postgres: postgres ?? null,
  };
  mkdirSync(join(RESULTS, ".."), { recursive: true });
  const { quick, rounds, seed } = options;
  writeFileSync(RESULTS, `${JSON.stringify({ machine, quick, rounds, seed, figures, goals }, null, 2)}\n`);
  console.log(`${Object.values(machine).join(", ")}\n`);
  console.log(`${formatFigures(figures)}\n\n${formatGoals(goals)}\n\nWritten to ${RESULTS}`);
  if (samples.some(({ outcome }) => outcome.type === "invalid")) process.exitCode = 1;
}

function describe({ workload, setup, client, rows, outcome }: Sample): string {
  const what =
    outcome.type === "valid"
      ? `${(outcome.report.cpuMicros / rows).toFixed(3)} µs/row, ${Math.round((rows / outcome.report.wallMicros) * 1e6)} rows/s`
      : `INVALID: ${outcome.why}`;
  return `${workload} ${setup} ${client}: ${what}`;
}

if (process.argv.includes("--help")) console.log(usage);
else await run(parseOptions(process.argv.slice(2)));
