import type { PostgresServer, TestDatabase } from "@trunkline/testing";
import type { Consumer, Peer, RowHandler } from "./consumer.ts";
import { allSeen, countRows, type RowCounts, rowLog } from "./row-log.ts";
import type { Scenario, Stage } from "./scenario.ts";
import { within } from "./within.ts";

const PUBLICATION = "loss";
/** No step of a consumer takes as long on a slow machine. */
const STEP_TIMEOUT_MS = 20_000;
/** How long a fresh consumer gets for what is missing; the rows are there, so it takes milliseconds. */
const LAST_CHANCE_MS = 5000;

/** How a peer came out of a scenario. */
export interface LossOutcome extends RowCounts {
  readonly scenario: string;
  readonly peer: string;
  /** What an application would have found in its log, each text once. */
  readonly reports: readonly string[];
}

/** Runs a peer through a scenario in a database of its own; in the end a fresh consumer looks for what is missing. */
export async function runScenario(server: PostgresServer, scenario: Scenario, peer: Peer): Promise<LossOutcome> {
  await using database = await prepare(server, scenario);
  await using slot = await database.slot();
  const log = rowLog();
  const reports = new Set<string>();
  const report = (error: unknown): void => void reports.add(error instanceof Error ? error.message : String(error));
  let running: { readonly consumer: Consumer; alive: boolean } | undefined;
  const start = async (handle: RowHandler = async () => {}): Promise<void> => {
    const life = { alive: true };
    const counted: RowHandler = async (id) => {
      await handle(id);
      if (life.alive) log.finish(id);
    };
    const source = { url: database.url, slot: slot.name, publication: PUBLICATION };
    const options = { source, handle: counted, report, service: scenario.service };
    const consumer = await within(STEP_TIMEOUT_MS, `${peer.name} starts`, peer.consume(options));
    running = Object.assign(life, { consumer });
  };
  const step = async (what: "stop" | "resume" | "kill"): Promise<void> => {
    await within(STEP_TIMEOUT_MS, what, running?.consumer[what]() ?? Promise.resolve()).catch(report);
  };
  const kill = async (): Promise<void> => {
    if (running !== undefined) running.alive = false;
    await step("kill");
    running = undefined;
  };
  const stage: Stage = {
    log,
    start,
    kill,
    stop: () => step("stop"),
    resume: () => step("resume"),
    write: async (rows) => {
      for (let row = 0; row < rows; row += 1) {
        const id = log.written.size + 1;
        await database.query("INSERT INTO rows VALUES ($1)", [id]);
        log.wrote(id);
      }
    },
    terminateWalsenders: async () => {
      await database.query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE backend_type = 'walsender' AND datname = current_database()`,
      );
    },
  };
  await scenario.run(stage);
  await kill();
  if (!allSeen(log)) {
    await start().catch(report);
    await log.until(allSeen, LAST_CHANCE_MS);
    await kill();
  }
  return { scenario: scenario.name, peer: peer.name, ...countRows(log), reports: [...reports] };
}

async function prepare(server: PostgresServer, { settings = {} }: Scenario): Promise<TestDatabase> {
  const database = await server.database();
  await database.query("CREATE TABLE rows (id int PRIMARY KEY)");
  await database.query(`CREATE PUBLICATION ${PUBLICATION} FOR TABLE rows`);
  for (const [name, value] of Object.entries(settings)) {
    await database.query(`ALTER DATABASE ${database.name} SET ${name} = '${value}'`);
  }
  return database;
}
