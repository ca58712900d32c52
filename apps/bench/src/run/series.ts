import type { BenchClient, SetupName } from "../clients/catalogue.ts";
import type { WorkloadName } from "../workloads/workload.ts";
import type { Pinning } from "./pinning.ts";
import type { Outcome } from "./run-client.ts";

/** What the runs of one call of the bench share. */
export interface BenchContext {
  readonly pinning: Pinning | undefined;
  /** Path of a client's program. */
  readonly program: (client: string) => string;
  readonly replayProgram: string;
  /** `undefined` when it is not installed. */
  readonly pgRecvlogical: string | undefined;
  /** How often each client runs. Rounds are interleaved, so that a noisy minute hits all of them. */
  readonly rounds: number;
  /** A run that lasts longer is ended and invalid. */
  readonly timeoutMs: number;
  /** Where made streams are kept between calls. */
  readonly cache: string;
  readonly seed: number;
  /** Told of every run as it ends. */
  readonly onSample: (sample: Sample) => void;
}

/** One run of one client. */
export interface Sample {
  readonly workload: WorkloadName | "latency";
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

/** Arguments of a client's program besides its task. */
export function argumentsOf({ program }: BenchClient, { pgRecvlogical }: BenchContext): readonly string[] {
  return program === "pg-recvlogical" && pgRecvlogical !== undefined ? [pgRecvlogical] : [];
}
