import type { BenchClient, SetupName } from "../clients/catalogue.ts";
import type { WorkloadName } from "../workloads/workload.ts";
import type { Programs } from "./bundle-programs.ts";
import type { Pinning } from "./pinning.ts";
import type { Outcome, RunOptions } from "./run-client.ts";

/** What the runs of one call of the bench share. */
export interface BenchContext {
  readonly pinning: Pinning | undefined;
  readonly programs: Programs;
  /** `undefined` when it is not installed. */
  readonly pgRecvlogical: string | undefined;
  /** How often each client runs. Rounds are interleaved, so that a noisy minute hits all of them. */
  readonly rounds: number;
  /** A run that lasts longer is ended and invalid. */
  readonly timeoutMs: number;
  /** Where made streams are kept between calls. */
  readonly cache: string;
  readonly seed: number;
  /** A folder for CPU profiles of the clients; `undefined`: none are made. */
  readonly profiles: string | undefined;
  /** Told of every run as it ends. */
  readonly onSample: (sample: Sample) => void;
}

/** One run of one client. */
export interface Sample {
  readonly workload: WorkloadName | "latency" | "scaling";
  readonly setup: SetupName;
  readonly client: string;
  readonly rows: number;
  /** Bytes of the whole stream, frame headers included. */
  readonly streamBytes: number;
  readonly outcome: Outcome;
}

/** The clients that can run here. */
export function available(clients: readonly BenchClient[], context: BenchContext): readonly BenchClient[] {
  return clients.filter(({ program }) => program !== "pg-recvlogical" || context.pgRecvlogical !== undefined);
}

/** How a client's program is run. */
export function runOptionsOf({ program }: BenchClient, context: BenchContext): RunOptions {
  const { pgRecvlogical, profiles, pinning, timeoutMs } = context;
  return {
    program: context.programs.client(program),
    core: pinning?.client,
    timeoutMs,
    args: program === "pg-recvlogical" && pgRecvlogical !== undefined ? [pgRecvlogical] : [],
    profiles,
  };
}
