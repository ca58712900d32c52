import { defineConfig } from "vitest/config";

// Workspace packages are read from their sources, so tests need no build.
const conditions = ["@trunkline/source"];
const resolve = { conditions };
// How long `expect.poll` waits: as with the limits of tests, for what never comes.
const poll = { timeout: 15_000 };
const ssr = { resolve: { conditions, externalConditions: conditions } };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: ["{packages,apps}/*/{src,test}/**/*.test.ts", "tools/*.test.ts"],
          exclude: ["**/*.pg.test.ts", "**/node_modules/**"],
          // A slow machine is no failure: the limit is for tests that hang.
          testTimeout: 30_000,
          expect: { poll },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "pg",
          include: ["{packages,apps}/*/{src,test}/**/*.pg.test.ts"],
          testTimeout: 60_000,
          expect: { poll },
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
