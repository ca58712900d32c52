import { parseArgs } from "node:util";
import { type BenchClient, catalogue, LONG_REPEAT, type SetupName, setupNames } from "./clients/catalogue.ts";
import { type WorkloadName, workloadNames } from "./workloads/workload.ts";

/** What is to be measured. */
export interface BenchOptions {
  readonly workloads: readonly WorkloadName[];
  readonly setups: readonly SetupName[];
  readonly clients: readonly BenchClient[];
  /** Runs of each client. */
  readonly rounds: number;
  /** Rows of every workload; `undefined`: each workload's own. */
  readonly rows: number | undefined;
  readonly quick: boolean;
  /** Seconds of single-row transactions; 0: latency is not measured. */
  readonly latencySeconds: number;
  /** Whether the cost per row is measured at 10⁵, 10⁶ and 10⁷ rows, and per connection at 1 to 1,000 of them. */
  readonly scaling: boolean;
  /** Whether the supervisor's own costs are measured. */
  readonly supervision: boolean;
  /** Of the random texts in made streams. */
  readonly seed: number;
  /** A folder for CPU profiles of the clients; `undefined`: none are made. */
  readonly profiles: string | undefined;
}

export const usage = `pnpm bench [options]

  --quick              fewer rows, runs and clients, less than a minute
  --workloads W1,W2    of ${workloadNames.join(", ")}
  --setups replay      of ${setupNames.join(", ")}; long: each made stream ${LONG_REPEAT} times in a run, not in --quick
  --clients bare,…     of ${catalogue.map(({ name }) => name).join(", ")}
  --runs 5             of each client; default 5, with --quick 1
  --rows 1000000       of each workload; default: its own
  --no-latency         leaves out single transactions on a real server
  --scaling            10⁵ to 10⁷ rows and 1 to 1,000 connections; default unless --quick or something is chosen
  --supervision        what supervisors cost; default likewise; --no-supervision and --no-scaling leave them out
  --profiles folder    writes a CPU profile of each run there; figures are then worth less
  --seed 1             of the random texts in made streams
`;

/** Reads the command line. @throws Error with a sentence for the user. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      quick: { type: "boolean", default: false },
      workloads: { type: "string" },
      setups: { type: "string" },
      clients: { type: "string" },
      runs: { type: "string" },
      rows: { type: "string" },
      latency: { type: "boolean", default: true },
      scaling: { type: "boolean" },
      supervision: { type: "boolean" },
      profiles: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  const { quick } = values;
  const everything =
    !quick && [values.workloads, values.setups, values.clients].every((chosen) => chosen === undefined);
  const names = chosen(
    "clients",
    values.clients,
    catalogue.map(({ name }) => name),
  );
  const setups = chosen("setups", values.setups, setupNames).filter(
    (name) => name !== "long" || !quick || values.setups !== undefined,
  );
  return {
    workloads: chosen("workloads", values.workloads, workloadNames),
    setups,
    clients: catalogue.filter(({ name, detail }) =>
      values.clients === undefined && quick ? !detail : names.includes(name),
    ),
    rounds: values.runs === undefined ? (quick ? 1 : 5) : positive("runs", values.runs),
    rows: values.rows === undefined ? undefined : positive("rows", values.rows),
    quick,
    latencySeconds: values.latency && setups.includes("real") ? (quick ? 1 : 20) : 0,
    scaling: values.scaling ?? everything,
    supervision: values.supervision ?? everything,
    profiles: values.profiles,
    seed: positive("seed", values.seed),
  };
}

function chosen<Name extends string>(option: string, text: string | undefined, all: readonly Name[]): readonly Name[] {
  if (text === undefined) return all;
  const names = text.split(",");
  const unknown = names.find((name) => !all.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`--${option}: there is no ${unknown}. There are ${all.join(", ")}.`);
  return all.filter((name) => names.includes(name));
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${option}: ${text} is not a whole number above 0.`);
  return value;
}
