// Captures what real servers send, for the tests of packages/protocol. Run it with
//   node_modules/.bin/tsx --conditions=@trunkline/source packages/testing/goldens/capture.ts [major …]
// then look at what changed in packages/protocol/test/goldens, and update the expected texts with
//   node_modules/.bin/vitest run --project unit packages/protocol/test -u
import { mkdir, rm, writeFile } from "node:fs/promises";
import { parseLsn } from "@trunkline/protocol";
import {
  type PostgresServer,
  type PostgresVersion,
  parsePostgresVersion,
  postgresVersions,
  startPostgres,
} from "@trunkline/testing";
import { letterOf, openRawStream } from "./raw-stream.ts";
import { rowsScenario } from "./rows-scenario.ts";
import type { Scenario } from "./scenario.ts";
import {
  parallelScenario,
  preparedScenario,
  streamOriginScenario,
  streamPreparedScenario,
  streamScenario,
  version4Scenario,
} from "./stream-scenarios.ts";
import { binaryValuesScenario, valuesScenario, zonesScenario } from "./values-scenario.ts";

const scenarios: readonly Scenario[] = [
  rowsScenario,
  valuesScenario,
  binaryValuesScenario,
  zonesScenario,
  streamScenario,
  streamOriginScenario,
  preparedScenario,
  streamPreparedScenario,
  parallelScenario,
  version4Scenario,
];

const goldens = new URL("../../protocol/test/goldens/", import.meta.url);

/** What the index of a version says of one file of frames. */
interface IndexEntry {
  readonly options: Readonly<Record<string, string>>;
  /** The first letters of its messages, in order. */
  readonly letters: string;
}

async function captureScenario(server: PostgresServer, scenario: Scenario): Promise<readonly Buffer[]> {
  await using database = await server.database();
  await using session = await database.client();
  await scenario.prepare(session, server.version);
  await using slot = await database.slot(undefined, { twoPhase: scenario.twoPhase });
  const options = Object.entries({ ...scenario.options, publication_names: "golden" });
  const list = options.map(([name, value]) => `${name} '${value}'`).join(", ");
  await using stream = await openRawStream(
    {
      host: server.host,
      port: server.port,
      user: decodeURIComponent(new URL(server.url).username),
      database: database.name,
      settings: scenario.settings,
    },
    `START_REPLICATION SLOT "${slot.name}" LOGICAL 0/0 (${list})`,
  );
  await scenario.play({ version: server.version, session, stream });
  const [position] = await database.query<{ lsn: string }>("SELECT pg_current_wal_flush_lsn()::text AS lsn");
  await stream.caughtUp(parseLsn(position?.lsn ?? ""));
  return [...stream.frames];
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

function lines(values: readonly unknown[]): string {
  return `[\n${values.map((value) => `  ${JSON.stringify(value)}`).join(",\n")}\n]\n`;
}

const asked = process.argv.slice(2).map(parsePostgresVersion);
for (const version of asked.length > 0 ? asked : postgresVersions) await captureVersion(version);
