// `pnpm bench`: runs the workloads through every client, prints tables and goals, writes results/latest.json.
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { takesPart } from "./clients/catalogue.ts";
import type { ConnectionCosts } from "./connections/rounds.ts";
import { type BenchOptions, parseOptions, usage } from "./options.ts";
import { startRealSource } from "./real/real-source.ts";
import { figuresOf } from "./results/figures.ts";
import { judgeGoals } from "./results/goals.ts";
import { projectGoals } from "./results/project-goals.ts";
import { formatConnections, formatFigures, formatGoals, formatSupervision } from "./results/table.ts";
import { bundlePrograms } from "./run/bundle-programs.ts";
import { runConnectionsSeries } from "./run/connections-series.ts";
import { findPgRecvlogical } from "./run/find-pg-recvlogical.ts";
import { runLatencySeries } from "./run/latency-series.ts";
import { findPinning } from "./run/pinning.ts";
import { runRealSeries } from "./run/real-series.ts";
import { runReplaySeries } from "./run/replay-series.ts";
import { runScalingSeries, scalingClients } from "./run/scaling-series.ts";
import type { BenchContext, Sample } from "./run/series.ts";
import { type SupervisionCost, supervisionCosts } from "./run/supervision-costs.ts";
import { type Workload, workloads } from "./workloads/workload.ts";

const RESULTS = fileURLToPath(new URL("../results/latest.json", import.meta.url));

const QUICK_WARNING =
  "--quick: runs this short are half warm-up of the JavaScript engine. Judge the goals by a full run.";

/** Longer than any run has ever taken on a slow machine. */
const RUN_TIMEOUT_MS = 300_000;

async function run(options: BenchOptions): Promise<void> {
  const programs = await bundlePrograms(
    [...options.clients, ...scalingClients].map(({ program }) => program).concat("scout"),
  );
  const samples: Sample[] = [];
  const context: BenchContext = {
    pinning: findPinning(),
    programs,
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
  for (const setup of ["replay", "long"] as const) {
    if (!options.setups.includes(setup)) continue;
    for (const workload of chosen) {
      await runReplaySeries(setup, workload, rowsOf(workload), clientsOf(options, workload, setup), context);
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
  if (options.scaling) await runScalingSeries(context);
  const connections = options.scaling ? await runConnectionsSeries(context) : [];
  const supervision = options.supervision ? supervisionCosts(context.pinning?.client) : [];
  report(options, context, { postgres, samples, connections, supervision });
}

/** Everything that was found out. */
interface Findings {
  readonly postgres: string | undefined;
  readonly samples: readonly Sample[];
  readonly connections: readonly ConnectionCosts[];
  readonly supervision: readonly SupervisionCost[];
}

function clientsOf({ clients }: BenchOptions, { name }: Workload, setup: Sample["setup"]) {
  return clients.filter((client) => takesPart(client, setup) && client.workloads.includes(name));
}

function report(options: BenchOptions, context: BenchContext, findings: Findings): void {
  const { postgres, samples, connections, supervision } = findings;
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
  const results = { machine, quick, rounds, seed, figures, goals, connections, supervision };
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  const blocks = [
    Object.values(machine).join(", "),
    formatFigures(figures),
    ...(connections.length === 0 ? [] : [formatConnections(connections)]),
    ...(supervision.length === 0 ? [] : [formatSupervision(supervision)]),
    formatGoals(goals),
    ...(quick ? [QUICK_WARNING] : []),
    `Written to ${RESULTS}`,
  ];
  console.log(blocks.join("\n\n"));
  if (samples.some(({ outcome }) => outcome.type === "invalid")) process.exitCode = 1;
}

function describe({ workload, setup, client, rows, outcome }: Sample): string {
  const what =
    outcome.type === "valid"
      ? `${(outcome.report.cpuMicros / rows).toFixed(3)} µs/row, ${Math.round((rows / outcome.report.wallMicros) * 1e6)} rows/s`
      : `INVALID: ${outcome.why}`;
  return `${workload} ${setup} ${client}: ${what}`;
}

/** The options, or nothing once it has said what is wrong with them. */
function readOptions(): BenchOptions | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n--help lists the options.`);
    process.exitCode = 2;
    return undefined;
  }
}

if (process.argv.includes("--help")) console.log(usage);
else {
  const options = readOptions();
  if (options !== undefined) await run(options);
}
