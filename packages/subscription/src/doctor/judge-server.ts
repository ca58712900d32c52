import { quoteIdentifier } from "@trunkline/protocol";
import { pinnedSettings } from "../session/sql-session.ts";
import type { ServerFacts } from "./facts.ts";
import { type Finding, missing, note, warning } from "./finding.ts";

const restart = "Restart the server: this setting is read at start.";

/** Below this the server ends a stream whose client was busy for a moment. */
const SHORT_SENDER_TIMEOUT_MS = 5000;

/** What the server and the role lack. `needsSlot`: the slot is still to be created. */
export function judgeServer(server: ServerFacts, needsSlot: boolean): readonly Finding[] {
  return [
    ...judgeKind(server),
    ...judgeRoom(server, needsSlot),
    ...judgeRole(server),
    ...judgeRetention(server),
    ...judgeSession(server),
  ];
}

function* judgeKind({ version, inRecovery, walLevel }: ServerFacts): Iterable<Finding> {
  if (version < 14)
    yield missing("server_too_old", `The server is PostgreSQL ${version}.`, [], "Upgrade it to 14 or later.");
  if (inRecovery && version < 16) {
    const what = `The server is a standby of PostgreSQL ${version}, which can't decode changes.`;
    yield missing("standby_too_old", what, [], "Connect to the primary, or upgrade to 16.");
  } else if (inRecovery) {
    const what =
      "The server is a standby: creating a slot there waits for the primary to log its running transactions.";
    yield note(
      "standby",
      what,
      ["SELECT pg_log_standby_snapshot()"],
      "Run it on the primary while the slot is created.",
    );
  }
  if (walLevel !== "logical") {
    const what = `wal_level is ${walLevel}; decoding changes needs logical.`;
    yield missing("wal_level", what, ["ALTER SYSTEM SET wal_level = 'logical'"], restart);
  }
}

function* judgeRoom(server: ServerFacts, needsSlot: boolean): Iterable<Finding> {
  const { slots, maxSlots, senders, maxSenders } = server;
  if (needsSlot && slots >= maxSlots) {
    const sql = [`ALTER SYSTEM SET max_replication_slots = ${maxSlots + 10}`];
    const what = `All ${maxSlots} replication slots are in use.`;
    yield missing("slots_exhausted", what, sql, `Drop a slot that nobody needs, or: ${restart}`);
  }
  if (senders >= maxSenders) {
    const sql = [`ALTER SYSTEM SET max_wal_senders = ${maxSenders + 10}`];
    yield missing("senders_exhausted", `All ${maxSenders} WAL senders are in use.`, sql, restart);
  }
}

function* judgeRole({ role, mayReplicate }: ServerFacts): Iterable<Finding> {
  if (mayReplicate) return;
  const what = `Role ${role} may not replicate.`;
  const providers = "On Amazon RDS: GRANT rds_replication to it instead.";
  yield missing("role_may_not_replicate", what, [`ALTER ROLE ${quoteIdentifier(role)} REPLICATION`], providers);
}

function* judgeRetention(server: ServerFacts): Iterable<Finding> {
  const { maxSlotWalKeepMegabytes, idleSlotTimeoutSeconds, walSenderTimeoutMs } = server;
  if (maxSlotWalKeepMegabytes < 0) {
    yield warning(
      "wal_unlimited",
      "max_slot_wal_keep_size is -1: while a slot's consumer is away its WAL can fill the server's disk.",
      ["ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'", "SELECT pg_reload_conf()"],
      "Choose what the disk can spare; a slot that falls further behind is lost.",
    );
  }
  if (idleSlotTimeoutSeconds > 0) {
    const what = `idle_replication_slot_timeout is ${idleSlotTimeoutSeconds} s: a slot without its consumer is lost after that.`;
    yield warning("slot_timeout", what, [
      "ALTER SYSTEM SET idle_replication_slot_timeout = 0",
      "SELECT pg_reload_conf()",
    ]);
  }
  const repair = ["ALTER SYSTEM SET wal_sender_timeout = '60s'", "SELECT pg_reload_conf()"];
  if (walSenderTimeoutMs === 0) {
    const what =
      "wal_sender_timeout is 0: after a host vanished its slot stays in use for as long as TCP takes to notice.";
    yield warning("sender_timeout_off", what, repair);
  } else if (walSenderTimeoutMs < SHORT_SENDER_TIMEOUT_MS) {
    const what = `wal_sender_timeout is ${walSenderTimeoutMs} ms: a consumer whose event loop stalls for that long is cut off.`;
    yield warning("sender_timeout_short", what, repair);
  }
}

function* judgeSession({ session, serverEncoding }: ServerFacts): Iterable<Finding> {
  const wrong = Object.entries(pinnedSettings).filter(([name, value]) => !holds(session[name], name, value));
  if (wrong.length > 0) {
    const names = wrong.map(([name, value]) => `${name} (${session[name] ?? "unset"} instead of ${value})`).join(", ");
    const pooler = "Is a pooler between that drops startup parameters? Connect to the server directly.";
    yield missing("settings_not_pinned", `The session does not have the settings it asked for: ${names}.`, [], pooler);
  }
  if (serverEncoding === "SQL_ASCII") {
    const what = "The database's encoding is SQL_ASCII: text that is not UTF-8 can't be told from text that is.";
    yield warning("encoding_unknown", what);
  }
}

/** The server adds the order of day and month to DateStyle; a higher extra_float_digits is as exact. */
function holds(actual: string | undefined, name: string, wanted: string): boolean {
  if (actual === undefined) return false;
  if (name === "DateStyle") return actual.startsWith(wanted);
  return name === "extra_float_digits" ? Number(actual) >= Number(wanted) : actual === wanted;
}
