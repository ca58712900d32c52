import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { MemoryReport } from "./memory-child.ts";

/** A child that subscribes, and the most memory it has had. */
export class Reader {
  readonly child: ChildProcess;
  #last: MemoryReport | undefined;
  #idleMb = 0;
  #peakBytes = 0;

  constructor(program: string, args: readonly string[]) {
    this.child = start(program, args);
    this.child.on("message", (report: MemoryReport) => {
      this.#last = report;
      this.#peakBytes = Math.max(this.#peakBytes, report.rssBytes, kernelsPeakBytes(this.child));
      if (report.state === "loaded") this.#idleMb = this.peakMb;
    });
  }

  get last(): MemoryReport {
    if (this.#last === undefined) throw new Error("The reader has not told anything yet.");
    return this.#last;
  }

  /** The peak before it has connected: Node and our modules. */
  get idleMb(): number {
    return this.#idleMb;
  }

  get peakMb(): number {
    return Math.round(this.#peakBytes / 1e6);
  }

  async until(reached: (report: MemoryReport) => boolean): Promise<MemoryReport> {
    for (;;) {
      await once(this.child, "message");
      if (reached(this.last)) return this.last;
    }
  }

  async stop(): Promise<void> {
    const exit = once(this.child, "exit");
    this.child.send("stop");
    await exit;
  }
}

/** Runs a program in a process of its own; its failure ends ours. */
export function start(program: string, args: readonly string[]): ChildProcess {
  const child = fork(program, args, { execArgv: [] });
  child.once("exit", (code) => {
    if (code === 0) return;
    console.error(`${program} ended with ${code}.`);
    process.exit(1);
  });
  return child;
}

/** The peak that the kernel keeps itself, between our samples too; 0 where there is no /proc. */
function kernelsPeakBytes({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
