// Captures what real servers send, for the tests of packages/protocol. Run it with
//   node_modules/.bin/tsx --conditions=@trunkline/source packages/testing/goldens/capture.ts [major …]
// then look at what changed in packages/protocol/test/goldens, and update the expected texts with
//   node_modules/.bin/vitest run --project unit packages/protocol/test -u
import { mkdir, rm, writeFile } from "node:fs/promises";
import {
  type PostgresServer,
  type PostgresVersion,
  parsePostgresVersion,
  postgresVersions,
  startPostgres,
} from "@trunkline/testing";
import { captureScenario } from "./capture-scenario.ts";
import { letterOf } from "./raw-stream.ts";
import { scenarios } from "./scenarios.ts";

const goldens = new URL("../../protocol/test/goldens/", import.meta.url);

/** What the index of a version says of one file of frames. */
interface IndexEntry {
  readonly options: Readonly<Record<string, string>>;
  /** The first letters of its messages, in order. */
  readonly letters: string;
}

/** The built-in types that have an array type, as this server's catalog has them. */
async function arrayTypes(server: PostgresServer): Promise<readonly unknown[]> {
  await using client = await server.client();
  const { rows } = await client.query(
    `SELECT typname AS name, oid::int, typarray::int AS array, typdelim AS delimiter FROM pg_type
     WHERE typarray <> 0 AND oid < 16384 AND typtype IN ('b', 'r', 'm') AND typnamespace = 'pg_catalog'::regnamespace
     ORDER BY pg_type.oid`,
  );
  return rows;
}

async function captureVersion(version: PostgresVersion): Promise<void> {
  await using server = await startPostgres({ version });
  const directory = new URL(`${version}/`, goldens);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const index: Record<string, IndexEntry> = {};
  for (const scenario of scenarios.filter(({ since }) => since <= version)) {
    const frames = await captureScenario(server, scenario);
    await writeFile(new URL(`${scenario.name}.bin`, directory), Buffer.concat(frames));
    const letters = frames.map(letterOf).join("");
    index[scenario.name] = { options: scenario.options, letters };
    console.log(`${version} ${scenario.name}: ${frames.length} messages ${letters}`);
  }
  const { serverVersion } = server;
  await writeJson(new URL("index.json", directory), { serverVersion, scenarios: index });
  await writeFile(new URL("array-types.json", directory), lines(await arrayTypes(server)));
}

async function writeJson(file: URL, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** JSON as the formatter of this repository wants it: a line for each value. */
function lines(values: readonly unknown[]): string {
  const spaced = values.map((value) => JSON.stringify(value, null, 1).replaceAll(/\s+/g, " "));
  return `[\n${spaced.map((value) => `  ${value}`).join(",\n")}\n]\n`;
}

const asked = process.argv.slice(2).map(parsePostgresVersion);
for (const version of asked.length > 0 ? asked : postgresVersions) await captureVersion(version);
