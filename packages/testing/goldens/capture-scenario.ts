import { parseLsn } from "@trunkline/protocol";
import type { PostgresServer } from "@trunkline/testing";
import { openRawStream } from "./raw-stream.ts";
import type { Scenario } from "./scenario.ts";

/** Plays a scenario in a database of its own and answers the CopyData messages that bear its XLogData, in order. */
export async function captureScenario(server: PostgresServer, scenario: Scenario): Promise<readonly Buffer[]> {
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
