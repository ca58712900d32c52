import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const knownBad = fileURLToPath(new URL("./fixtures/arrows", import.meta.url));

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[];
  };
}

/** Runs the checker as `pnpm lint` does, and reads its findings. */
function cruise(directory: string): Promise<Cruise> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [
        `${root}node_modules/dependency-cruiser/bin/dependency-cruise.mjs`,
        "--config",
        `${root}.dependency-cruiser.mjs`,
        "--output-type",
        "json",
        "packages",
        "apps",
      ],
      { cwd: directory, maxBuffer: 1 << 28 },
      (error, stdout) => {
        try {
          resolve(JSON.parse(stdout));
        } catch {
          reject(error ?? new Error("dependency-cruiser printed no JSON"));
        }
      },
    );
  });
}

test("every rule of the architecture goes red on the known-bad tree", async () => {
  const { summary } = await cruise(knownBad);
  const found = summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
  expect(found).toEqual([
    "arrows-of-process: packages/process/src/up.ts",
    "no-app-import: packages/replication/src/index.ts",
    "no-deep-import: packages/replication/src/index.ts",
    "no-import-cycle: packages/supervisor/src/ring-other.ts",
    "no-own-index: packages/process/src/own-index.ts",
    "owner-of-pg-types: packages/process/src/not-the-owner.ts",
    "pure-protocol: packages/protocol/src/index.ts",
    "resolvable: packages/replication/src/index.ts",
    "test-arrows-of-process: packages/process/src/tested.test.ts",
  ]);
}, 60_000);

test("the checker sees the sources of this repository, and they keep the rules", async () => {
  const { summary } = await cruise(root);
  expect(summary.violations).toEqual([]);
  // A checker that finds no modules also finds no violations (dependency-cruiser 17 beside TypeScript 7 does just that).
  expect(summary.totalCruised).toBeGreaterThan(50);
}, 60_000);
