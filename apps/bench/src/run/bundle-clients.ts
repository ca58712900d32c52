import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const sources = fileURLToPath(new URL("../", import.meta.url));
const programs = fileURLToPath(new URL("../../dist/", import.meta.url));

/** npm packages that are measured: loaded as their users load them, not bundled. */
const external = ["pg", "pg-logical-replication", "pgwire", "postgres"];

/**
 * Makes a plain JavaScript program of each client and of the replay, so that no loader of TypeScript takes memory or
 * time inside a measured process. Answers where they are.
 * @param clients programs in `src/clients`, without their ending
 */
export async function bundlePrograms(
  clients: readonly string[],
): Promise<{ readonly client: (program: string) => string; readonly replay: string }> {
  await build({
    entryPoints: [...new Set(clients)]
      .map((program) => `${sources}clients/${program}.ts`)
      .concat(`${sources}replay/replay-program.ts`),
    outdir: programs,
    outbase: sources,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["@trunkline/source"],
    external,
    // Packages in CommonJS call require for Node's own modules.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "warning",
  });
  return {
    client: (program) => `${programs}clients/${program}.mjs`,
    replay: `${programs}replay/replay-program.mjs`,
  };
}
