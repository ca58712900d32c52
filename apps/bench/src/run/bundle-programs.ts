import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const sources = fileURLToPath(new URL("../", import.meta.url));
const outputs = fileURLToPath(new URL("../../dist/", import.meta.url));

/** npm packages that are measured: loaded as their users load them, not bundled. */
const external = ["pg", "pg-logical-replication", "pgwire", "postgres"];

/** Where the bundled programs are. */
export interface Programs {
  /** A client's, by the name of its file without its ending. */
  readonly client: (program: string) => string;
  readonly replay: string;
  readonly connectionsServer: string;
  readonly connectionsClient: string;
}

/**
 * Makes plain JavaScript of each program, so that no loader of TypeScript takes memory or time inside a measured
 * process.
 * @param clients programs in `src/clients`, without their ending
 */
export async function bundlePrograms(clients: readonly string[]): Promise<Programs> {
  const shared = ["replay/replay-program", "connections/server-program", "connections/client-program"];
  const chosen = [...new Set(clients)].map((program) => `clients/${program}`);
  await build({
    entryPoints: [...shared, ...chosen].map((program) => `${sources}${program}.ts`),
    outdir: outputs,
    outbase: sources,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["@trunkline/source"],
    external,
    // Packages in CommonJS call require for Node's own modules.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    logLevel: "warning",
  });
  return {
    client: (program) => `${outputs}clients/${program}.mjs`,
    replay: `${outputs}replay/replay-program.mjs`,
    connectionsServer: `${outputs}connections/server-program.mjs`,
    connectionsClient: `${outputs}connections/client-program.mjs`,
  };
}
