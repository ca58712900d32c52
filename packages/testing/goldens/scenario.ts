import type { TestClient } from "@trunkline/testing";
import type { RawStream } from "./raw-stream.ts";

/** What a scenario's workload acts with, while the stream is open. */
export interface Stage {
  /** Major version of the server, such as `18`. */
  readonly version: number;
  /** A superuser's session in the scenario's database. */
  readonly session: TestClient;
  readonly stream: RawStream;
}

/** One stream to capture: `test/goldens/<major>/<name>.bin` in packages/protocol. */
export interface Scenario {
  readonly name: string;
  /** The first major version that has what it needs. */
  readonly since: number;
  /** Whether the slot decodes prepared transactions when they are prepared. */
  readonly twoPhase: boolean;
  /** Options of START_REPLICATION, but `publication_names`. */
  readonly options: Readonly<Record<string, string>>;
  /** Settings of the replication session. */
  readonly settings: Readonly<Record<string, string>>;
  /** Makes the tables and the publication `golden`, before the slot. */
  prepare(session: TestClient, version: number): Promise<void>;
  /** Writes what is to be captured. */
  play(stage: Stage): Promise<void>;
}

/** Settings under which values have the text that rows expect. */
export const pinnedSettings = {
  DateStyle: "ISO",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
  client_encoding: "UTF8",
} as const;

/** More than logical_decoding_work_mem's minimum of 64 kB, in a table that is not published, so that nothing of it is sent. */
export const fillMemory = "INSERT INTO noise SELECT repeat('x', 1000) FROM generate_series(1, 120)";

/** Runs statements one by one. */
export async function runAll(session: TestClient, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.query(statement);
}
