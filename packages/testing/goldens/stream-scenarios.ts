import type { TestClient } from "@trunkline/testing";
import { fillMemory, pinnedSettings, runAll, type Scenario, type Stage } from "./scenario.ts";

/** The least there is: what does not fit in it is streamed. */
const settings = { ...pinnedSettings, logical_decoding_work_mem: "64kB" };

async function prepare(session: TestClient): Promise<void> {
  await runAll(session, [
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'very happy')",
    "CREATE TABLE plain (id int PRIMARY KEY, word text)",
    "CREATE TABLE moody (id int PRIMARY KEY, m mood)",
    "CREATE TABLE noise (word text)",
    "CREATE PUBLICATION golden FOR TABLE plain, moody",
  ]);
}

/** One transaction with every message a stream can carry, streamed in several chunks, one subtransaction rolled back. */
async function committed({ session, stream }: Stage): Promise<void> {
  await runAll(session, [
    "BEGIN",
    "INSERT INTO plain VALUES (1, 'one'), (2, 'two')",
    "UPDATE plain SET word = 'uno' WHERE id = 1",
    "UPDATE plain SET id = 3 WHERE id = 2",
    "DELETE FROM plain WHERE id = 3",
    "INSERT INTO moody VALUES (1, 'very happy')",
    "SELECT pg_logical_emit_message(true, 'within', 'content')",
    "TRUNCATE moody",
    fillMemory,
  ]);
  await stream.seen("E", 1);
  await runAll(session, ["SAVEPOINT part", "INSERT INTO plain VALUES (4, 'to be undone')", fillMemory]);
  await stream.seen("I", 4);
  await runAll(session, ["ROLLBACK TO part", "INSERT INTO plain VALUES (5, 'after')", fillMemory, "COMMIT"]);
  await stream.seen("c", 1);
}

/** DDL in a stream that is rolled back: the relation has three columns for a while. */
async function aborted({ session, stream }: Stage): Promise<void> {
  await runAll(session, [
    "BEGIN",
    "ALTER TABLE plain ADD COLUMN extra int DEFAULT 5",
    "INSERT INTO plain VALUES (6, 'never', 7)",
    fillMemory,
  ]);
  await stream.seen("I", 6);
  await runAll(session, ["ROLLBACK", "INSERT INTO plain VALUES (7, 'plain again')"]);
  await stream.seen("C", 1);
}

/** Protocol 2: chunks, a rolled back subtransaction, a commit, an abort. */
export const streamScenario: Scenario = {
  name: "stream",
  since: 14,
  twoPhase: false,
  options: { proto_version: "2", streaming: "on", messages: "true" },
  settings,
  prepare,
  async play(stage) {
    await committed(stage);
    await aborted(stage);
  },
};

/** A streamed transaction that is replayed from another server: the origin stands in its first chunk, if anywhere. */
export const streamOriginScenario: Scenario = {
  ...streamScenario,
  name: "stream-origin",
  async play({ session, stream }) {
    await runAll(session, [
      "SELECT pg_replication_origin_create('far away')",
      "SELECT pg_replication_origin_session_setup('far away')",
      "BEGIN",
      "SELECT pg_replication_origin_xact_setup('1/2345678', '2001-02-03 04:05:06.789+00')",
      "INSERT INTO plain VALUES (1, 'one')",
      fillMemory,
      "COMMIT",
      "SELECT pg_replication_origin_session_reset()",
      "SELECT pg_replication_origin_drop('far away')",
    ]);
    await stream.seen("c", 1);
  },
};

/** Protocol 4 with `streaming 'parallel'`: aborts tell where and when. */
export const parallelScenario: Scenario = {
  ...streamScenario,
  name: "stream-parallel",
  since: 16,
  options: { proto_version: "4", streaming: "parallel", messages: "true" },
};

/** Protocol 4 without parallel streaming: aborts are those of protocol 2. */
export const version4Scenario: Scenario = {
  ...streamScenario,
  name: "stream-version-4",
  since: 16,
  options: { proto_version: "4", streaming: "on", messages: "true" },
};

/** Protocol 3 on a two-phase slot: prepared transactions that are committed and rolled back. */
export const preparedScenario: Scenario = {
  name: "prepared",
  since: 15,
  twoPhase: true,
  options: { proto_version: "3", two_phase: "on" },
  settings,
  prepare,
  async play({ session }) {
    await runAll(session, [
      "BEGIN",
      "INSERT INTO plain VALUES (1, 'one')",
      "PREPARE TRANSACTION 'first gid'",
      "INSERT INTO plain VALUES (2, 'in between')",
      "COMMIT PREPARED 'first gid'",
      "BEGIN",
      "INSERT INTO plain VALUES (3, 'never')",
      "PREPARE TRANSACTION 'second gid'",
      "ROLLBACK PREPARED 'second gid'",
    ]);
  },
};

/** Protocol 3, two-phase and streaming: prepared transactions that were streamed. */
export const streamPreparedScenario: Scenario = {
  ...preparedScenario,
  name: "stream-prepared",
  options: { proto_version: "3", two_phase: "on", streaming: "on" },
  async play({ session, stream }) {
    await runAll(session, ["BEGIN", "INSERT INTO plain VALUES (1, 'one')", fillMemory]);
    await stream.seen("I", 1);
    await runAll(session, ["PREPARE TRANSACTION 'first gid'", "COMMIT PREPARED 'first gid'"]);
    await runAll(session, ["BEGIN", "INSERT INTO plain VALUES (2, 'never')", fillMemory]);
    await stream.seen("I", 2);
    await runAll(session, ["PREPARE TRANSACTION 'second gid'", "ROLLBACK PREPARED 'second gid'"]);
    await stream.seen("r", 1);
  },
};
