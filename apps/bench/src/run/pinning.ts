import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Which cores the two ends of a stream run on; `undefined` where processes can't be tied to cores. */
export interface Pinning {
  readonly server: number;
  readonly client: number;
}

/** Ties servers and clients to different cores, where `taskset` is there and the machine has more than one. */
export function findPinning(): Pinning | undefined {
  if (availableParallelism() < 2 || spawnSync("taskset", ["--version"]).status !== 0) return undefined;
  return { server: 0, client: 1 };
}

/** The command that runs `command` on that core. */
export function pinned(core: number | undefined, command: readonly string[]): readonly [string, ...string[]] {
  const [program = "", ...rest] = command;
  return core === undefined ? [program, ...rest] : ["taskset", "--cpu-list", String(core), program, ...rest];
}

/** Ties a running process, all its threads, and whatever it starts from now on to that core. */
export function pinProcess(core: number | undefined, pid: number): void {
  if (core !== undefined) spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(core), String(pid)]);
}
