import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "rolldown";

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
 * Makes plain JavaScript of each program, one file of it and all its modules, so that no loader takes memory or time
 * inside a measured process. By rolldown, which leaves `const` as it is: the engine knows what will not change, as it
 * does of the published packages (esbuild makes `var` of it: a decoded row of W1 costs 4 % more).
 * @param clients programs in `src/clients`, without their ending
 */
export async function bundlePrograms(clients: readonly string[]): Promise<Programs> {
  const shared = ["replay/replay-program", "connections/server-program", "connections/client-program"];
  const chosen = [...new Set(clients)].map((program) => `clients/${program}`);
  await build([...shared, ...chosen].map(optionsOf));
  return {
    client: (program) => `${outputs}clients/${program}.mjs`,
    replay: `${outputs}replay/replay-program.mjs`,
    connectionsServer: `${outputs}connections/server-program.mjs`,
    connectionsClient: `${outputs}connections/client-program.mjs`,
  };
}

function optionsOf(program: string): BuildOptions {
  return {
    input: `${sources}${program}.ts`,
    platform: "node",
    external,
    resolve: { conditionNames: ["@trunkline/source", "node", "import", "default"] },
    transform: { target: "node20" },
    output: { file: `${outputs}${program}.mjs`, format: "esm", codeSplitting: false },
    logLevel: "warn",
  };
}
