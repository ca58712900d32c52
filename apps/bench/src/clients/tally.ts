import { writeSync } from "node:fs";
import { percentile } from "../results/statistics.ts";
import { peakRssKb } from "./peak-rss.ts";
import type { ClientReport, ClientTask } from "./task.ts";

/** The first tenth of the transactions warms up the client and is left out of the latencies. */
const WARM_UP_SHARE = 0.1;

/** Counts what a client sees, and ends the process with a report when it has seen all. */
export class Tally {
  /** Inserts so far. Clients add to it themselves: nothing must stand between two rows. */
  rows = 0;
  #transactions = 0;
  readonly #task: ClientTask;
  readonly #latencies: Float64Array;
  readonly #extras: () => Partial<ClientReport>;
  #startedCpu: NodeJS.CpuUsage | undefined;
  #startedAt = 0;

  /** @param extras asked for at the end: what else the client has to say. */
  constructor(task: ClientTask, extras: () => Partial<ClientReport> = () => ({})) {
    this.#task = task;
    this.#extras = extras;
    this.#latencies = new Float64Array(task.measure === "latency" ? task.transactions : 0);
  }

  /** A transaction begins; the first one starts the clock. */
  begin(): void {
    if (this.#startedCpu === undefined) this.start();
  }

  /** Starts the clock. */
  start(): void {
    this.#startedCpu = process.cpuUsage();
    this.#startedAt = performance.now();
  }

  /** A Commit has come. @param committedMicros when, since the Unix epoch; asked for where latency is measured. */
  commit(committedMicros: () => number): void {
    if (this.#latencies.length > 0) {
      const now = (performance.timeOrigin + performance.now()) * 1000;
      this.#latencies[this.#transactions] = (now - committedMicros()) / 1000;
    }
    this.#transactions += 1;
    if (this.#transactions === this.#task.transactions) this.finish(this.#transactions);
  }

  /** All has come. @param transactions `null` where the client can't see Commits. */
  finish(transactions: number | null): never {
    const cpu = process.cpuUsage(this.#startedCpu);
    const report: ClientReport = {
      rows: this.rows,
      transactions,
      cpuMicros: cpu.user + cpu.system,
      wallMicros: Math.round((performance.now() - this.#startedAt) * 1000),
      maxRssKb: peakRssKb(),
      ...this.#extras(),
      ...this.#latency(),
    };
    writeSync(1, `${JSON.stringify(report)}\n`);
    process.exit(0);
  }

  #latency(): Partial<ClientReport> {
    if (this.#latencies.length === 0) return {};
    const sorted = this.#latencies.slice(Math.floor(this.#latencies.length * WARM_UP_SHARE)).sort();
    return {
      latencyMs: {
        p50: percentile(sorted, 0.5),
        p99: percentile(sorted, 0.99),
        max: percentile(sorted, 1),
        samples: sorted.length,
      },
    };
  }
}
