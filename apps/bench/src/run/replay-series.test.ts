import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogue } from "../clients/catalogue.ts";
import { workloads } from "../workloads/workload.ts";
import { bundlePrograms } from "./bundle-programs.ts";
import { runReplaySeries } from "./replay-series.ts";
import type { BenchContext, Sample } from "./series.ts";

/** One for each library and each way to read; the others differ by an option. */
const names = [
  ...["bare", "bare-tls", "bare-json", "ours-raw", "ours-raw-tls", "ours-decoded"],
  ...["pgwire", "pg-logical-replication", "postgres"],
];

test("every client sees every row of a replayed stream", { timeout: 60_000 }, async () => {
  const cache = mkdtempSync(join(tmpdir(), "trunkline-series-"));
  const samples: Sample[] = [];
  const clients = catalogue.filter(({ name }) => names.includes(name));
  try {
    const context: BenchContext = {
      programs: await bundlePrograms(clients.map(({ program }) => program)),
      pinning: undefined,
      pgRecvlogical: undefined,
      rounds: 1,
      timeoutMs: 50_000,
      cache,
      seed: 1,
      profiles: undefined,
      onSample: (sample) => samples.push(sample),
    };
    await runReplaySeries("long", workloads.W1, 1000, clients, context);
  } finally {
    rmSync(cache, { recursive: true });
  }
  const invalid = samples.flatMap(({ client, outcome }) => (outcome.type === "invalid" ? [{ client, outcome }] : []));
  expect(invalid).toEqual([]);
  expect(samples.map(({ client }) => client)).toEqual(names);
  expect(samples.every(({ setup, rows }) => setup === "long" && rows === 5000)).toBe(true);
});
