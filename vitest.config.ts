import { defineConfig } from "vitest/config";

// Workspace packages are read from their sources, so tests need no build.
const conditions = ["@trunkline/source"];
const resolve = { conditions };
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
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "pg",
          include: ["{packages,apps}/*/{src,test}/**/*.pg.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
