// `pnpm --filter @trunkline/bench loss`: six ordinary ways to lose rows, through two npm libraries and ours. Exit code 1 when ours loses one.
import { parseArgs } from "node:util";
import { startPostgres } from "@trunkline/testing";
import { formatTable } from "../results/table.ts";
import type { Peer } from "./consumer.ts";
import { ours } from "./ours.ts";
import { pgLogicalReplication } from "./pg-logical-replication.ts";
import { postgresSubscribe } from "./postgres.ts";
import { type LossOutcome, runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios.ts";

const peers: readonly Peer[] = [pgLogicalReplication, postgresSubscribe, ours];

/** Longer than all of it has ever taken on a slow machine. */
const PROGRAM_TIMEOUT_MS = 600_000;

async function runAll(verbose: boolean): Promise<LossOutcome[]> {
  await using server = await startPostgres();
  const outcomes: LossOutcome[] = [];
  for (const scenario of scenarios) {
    process.stderr.write(`${scenario.name} …\n`);
    const these = await Promise.all(peers.map((peer) => runScenario(server, scenario, peer)));
    outcomes.push(...these);
    if (!verbose) continue;
    for (const { peer, reports } of these) for (const text of reports) process.stderr.write(`  ${peer}: ${text}\n`);
  }
  return outcomes;
}

function format(outcomes: readonly LossOutcome[]): string {
  const rows = outcomes.map(({ scenario, peer, written, seen, lost, again }) => [
    scenario,
    peer,
    written,
    seen,
    lost,
    again,
  ]);
  return formatTable(["scenario", "library", "rows written", "seen in the end", "lost", "seen again"], rows);
}

const { values } = parseArgs({ options: { verbose: { type: "boolean", default: false } } });
// What a library throws where nobody can catch it would end an application; here it is told, and the others go on.
process.on("uncaughtException", (error) => void process.stderr.write(`  uncaught: ${error.message}\n`));
setTimeout(() => {
  process.stderr.write(`Not through after ${PROGRAM_TIMEOUT_MS / 1000} s.\n`);
  process.exit(2);
}, PROGRAM_TIMEOUT_MS);
const outcomes = await runAll(values.verbose);
process.stdout.write(`${format(outcomes)}\n`);
const oursLost = outcomes.filter(({ peer, lost }) => peer === ours.name && lost > 0);
for (const { scenario, lost } of oursLost) process.stderr.write(`LOST by ours: ${lost} rows, ${scenario}\n`);
process.exit(oursLost.length > 0 ? 1 : 0);
