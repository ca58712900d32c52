import { pinnedSettings, runAll, type Scenario } from "./scenario.ts";

/** Longer than what fits beside others in a page, so it is TOASTed; external: not compressed. */
const long = (letter: string): string => `repeat('${letter}', 2100)`;

/** Protocol 1: every kind of change, every replica identity, relations and types, origin, messages, DDL. */
export const rowsScenario: Scenario = {
  name: "rows",
  since: 14,
  twoPhase: false,
  options: { proto_version: "1", messages: "true" },
  settings: pinnedSettings,
  async prepare(session, version) {
    await runAll(session, [
      "CREATE TYPE mood AS ENUM ('sad', 'ok', 'very happy')",
      "CREATE TYPE pair AS (number int, word text)",
      "CREATE DOMAIN positive AS int CHECK (value > 0)",
      "CREATE TABLE plain (id int PRIMARY KEY, word text)",
      "CREATE TABLE referring (id int PRIMARY KEY, plain_id int REFERENCES plain)",
      "CREATE TABLE numbered (id serial PRIMARY KEY)",
      "CREATE TABLE two_keys (a int, b text, c text, PRIMARY KEY (b, a))",
      "CREATE TABLE whole (id int, word text)",
      "ALTER TABLE whole REPLICA IDENTITY FULL",
      "CREATE TABLE by_index (id int PRIMARY KEY, code text NOT NULL, word text)",
      "CREATE UNIQUE INDEX by_index_code ON by_index (code)",
      "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code",
      "CREATE TABLE no_identity (id int)",
      "ALTER TABLE no_identity REPLICA IDENTITY NOTHING",
      "CREATE TABLE own_types (id int PRIMARY KEY, m mood, p pair, d positive, ms mood[])",
      'CREATE TABLE odd_names (id int PRIMARY KEY, "__proto__" text, "constructor" text, "7" text, "é""x" text)',
      "CREATE TABLE toasted (id int PRIMARY KEY, n int, big text)",
      "ALTER TABLE toasted ALTER big SET STORAGE EXTERNAL",
      "CREATE TABLE toasted_whole (id int PRIMARY KEY, n int, big text)",
      "ALTER TABLE toasted_whole ALTER big SET STORAGE EXTERNAL",
      "ALTER TABLE toasted_whole REPLICA IDENTITY FULL",
      "CREATE TABLE parted (id int, word text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
      "CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (100)",
      "CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (100) TO (200)",
      "CREATE TABLE doubled (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)",
      "SELECT pg_replication_origin_create('elsewhere')",
    ]);
    const generated = version >= 18 ? ", publish_generated_columns = stored" : "";
    await session.query(
      `CREATE PUBLICATION golden FOR ALL TABLES WITH (publish_via_partition_root = true${generated})`,
    );
  },
  async play({ session }) {
    await runAll(session, [
      // inserts, and updates with the key as it was, the key changed, and nothing changed
      "INSERT INTO plain VALUES (1, 'one'), (2, NULL), (3, '')",
      "UPDATE plain SET word = 'two' WHERE id = 2",
      "UPDATE plain SET id = 4 WHERE id = 3",
      "DELETE FROM plain WHERE id = 4",
      "INSERT INTO two_keys VALUES (1, 'b', 'c')",
      "UPDATE two_keys SET a = 2",
      "DELETE FROM two_keys",
      // the other replica identities
      "INSERT INTO whole VALUES (1, 'one'), (2, NULL)",
      "UPDATE whole SET word = 'two' WHERE id = 2",
      "DELETE FROM whole WHERE id = 1",
      "INSERT INTO by_index VALUES (1, 'x', 'one')",
      "UPDATE by_index SET word = 'other'",
      "UPDATE by_index SET code = 'y'",
      "DELETE FROM by_index",
      "INSERT INTO no_identity VALUES (1)",
      // relations and types
      "INSERT INTO own_types VALUES (1, 'very happy', (7, 'a \"b\", c'), 5, '{ok,NULL,\"very happy\"}')",
      "INSERT INTO odd_names VALUES (1, 'p', 'c', 's', 'e')",
      "INSERT INTO parted VALUES (1, 'low'), (101, 'high')",
      "UPDATE parted SET id = 102 WHERE id = 1",
      "TRUNCATE parted",
      "INSERT INTO doubled VALUES (21)",
      // DDL in mid-transaction
      "BEGIN",
      "INSERT INTO plain VALUES (10, 'before')",
      "ALTER TABLE plain ADD COLUMN extra int DEFAULT 5",
      "INSERT INTO plain VALUES (11, 'after', 6)",
      "COMMIT",
      // TOAST: sent, unchanged, changed; and with the old row whole
      `INSERT INTO toasted VALUES (1, 1, ${long("a")})`,
      "UPDATE toasted SET n = 2",
      "UPDATE toasted SET big = 'short'",
      `INSERT INTO toasted_whole VALUES (1, 1, ${long("b")})`,
      "UPDATE toasted_whole SET n = 2",
      // truncate and its flags
      "TRUNCATE whole, by_index",
      "TRUNCATE numbered RESTART IDENTITY",
      "TRUNCATE plain CASCADE",
      "TRUNCATE plain, referring RESTART IDENTITY CASCADE",
      // messages: alone and transactional, in a transaction, outside of any though it rolls back
      "SELECT pg_logical_emit_message(true, 'alone', 'content')",
      "BEGIN",
      "INSERT INTO numbered DEFAULT VALUES",
      "SELECT pg_logical_emit_message(true, 'within', '\\x00ff'::bytea)",
      "COMMIT",
      "BEGIN",
      "INSERT INTO numbered DEFAULT VALUES",
      "SELECT pg_logical_emit_message(false, 'outside', '')",
      "ROLLBACK",
      // a transaction replayed from another server
      "SELECT pg_replication_origin_session_setup('elsewhere')",
      "BEGIN",
      "SELECT pg_replication_origin_xact_setup('1/2345678', '2001-02-03 04:05:06.789+00')",
      "INSERT INTO numbered DEFAULT VALUES",
      "COMMIT",
      "SELECT pg_replication_origin_session_reset()",
    ]);
  },
};
