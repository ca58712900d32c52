import { ifSlotIsWell, later, never, now, type Rule } from "./rule.ts";

const ours = "This is a mistake in the subscription: report it with the message of the cause.";
const repair = "The server's storage or catalog is damaged or full: see its log, and repair it.";

/**
 * What is done about each SQLSTATE that a subscription meets. W numbers: the facts they rest on.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export const stateRules: Readonly<Record<string, Rule>> = {
  // The protocol, and what we ask for
  "08P01": never("The server or something between did not understand us: is a pooler or proxy in the way?"),
  "0A000": never(
    "The server is too old for an option, or two publications list different columns of one table: see the message.",
  ),
  "22023": never(
    "The server refused an option of the stream, a setting, or a snapshot: correct what the message names.",
  ),
  "22P05": never(
    "A character can't be written in the session's encoding, and comes again on each start: set client_encoding to UTF8.",
  ),
  "25001": never(ours),
  "42601": never(
    "The server took a replication command for SQL: connect to it directly, or let the pooler pass the parameter replication.",
  ),
  "42602": never("Choose a slot name of lower-case letters, digits and underscores."),
  "42710": never("The name is taken: choose another, or use the slot or publication that exists."),
  "42P10": never("A row filter or column list lacks a column of the replica identity: correct the publication."),
  "58P01": never("The server lacks the plugin pgoutput: see its installation."),
  // The slot: W59, W60, W61, W81, W82, W86, W91
  "55006": ifSlotIsWell(later("Another consumer holds the slot: this one takes over when that one stops.")),
  "55000": ifSlotIsWell(
    never("The server is not in the state for this: wal_level must be logical and the slot usable."),
  ),
  "42704": ifSlotIsWell(never("The slot, the publication or a setting that the message names does not exist.")),
  "40001": ifSlotIsWell(
    later("The standby cancelled it, since it was in the way of recovery: set hot_standby_feedback there."),
  ),
  "55P03": later("Another transaction held the slot's creation up: see pg_locks for who is open since when."),
  // Ends of the connection: W42, W43, W46, W139
  "57P01": ifSlotIsWell(now("Somebody ended the connection, or the server stops, or the slot was invalidated.")),
  "57P02": later("The server crashed and restarts: changes wait in the slot."),
  "57P03": later("The server is starting or stopping: changes wait in the slot."),
  "57P04": never("The database was dropped."),
  "57P05": now("idle_session_timeout ended the session before the stream began: turn it off for this role."),
  "57014": now("Somebody cancelled the query; the stream starts again."),
  "25P03": now("idle_in_transaction_session_timeout ended the session: turn it off for this role."),
  "25P04": now("transaction_timeout ended the session: turn it off for this role."),
  // Logging in: W142–W145, W152
  "28000": never("Correct the user, or add a line for it and this database to pg_hba.conf."),
  "28P01": never("Correct the password."),
  "3D000": never("Correct the database's name, or create it."),
  "42501": never("Give the role what the message names: ALTER ROLE … REPLICATION, GRANT …; doctor(options) lists it."),
  // Limits: W147, W148
  "53100": later("The server's disk is full: make room; changes can't be written meanwhile."),
  "53200": later("The server is out of memory."),
  "53300": later(
    "All connections are in use: see by whom, or raise max_connections, max_wal_senders, or the CONNECTION LIMIT of the role or the database.",
  ),
  "53400": never("All replication slots are in use: drop one that nobody needs, or raise max_replication_slots."),
  // What the consumer's own database may answer to a checkpoint or a parked transaction
  "40P01": now("Two transactions waited for each other; the next attempt may pass."),
  "25006": later("The server is read-only, a standby perhaps: connect to the primary."),
  "42P01": never("A table that the message names does not exist."),
  "42883": later("The server lacks a function: is its version one of 14 to 18?"),
  "58030": later(repair),
  XX000: later("The server reports an internal error: see its log; an option it does not know also ends like this."),
  XX001: never(repair),
  XX002: never(repair),
};

/** What is done about the states of a class (the first two characters) that {@link stateRules} does not name. */
export const classRules: Readonly<Record<string, Rule>> = {
  "00": later("The server reported success as an error: see the message."),
  "01": later("The server reported a warning as an error: see the message."),
  "02": later("The server found no data: see the message."),
  "03": never(ours),
  "08": later("The connection to or of the server failed: changes wait in the slot."),
  "09": never("A trigger failed: see the message."),
  "0A": never("The server lacks a feature: see the message."),
  "0B": never(ours),
  "0F": never(ours),
  "0L": never("A grant is not valid: see the message."),
  "0P": never("The role is not valid for this: see the message."),
  "0Z": never(ours),
  "10": never(ours),
  "20": never(ours),
  "21": never(ours),
  "22": never("A value can't be read or written: see the message for the table and column."),
  "23": never("A constraint refused what was written: see the message."),
  "24": never(ours),
  "25": never("The transaction is not in the state for this: see the message."),
  "26": never(ours),
  "27": never("A trigger changed what was being changed: see the message."),
  "28": never("The login was refused: correct the user, the password or pg_hba.conf."),
  "2B": never("Something else depends on it: see the message."),
  "2D": never(ours),
  "2F": never("A function failed: see the message."),
  "34": never(ours),
  "38": never("A function failed: see the message."),
  "39": never("A function failed: see the message."),
  "3B": never(ours),
  "3D": never("Correct the database's name."),
  "3F": never("Correct the schema's name."),
  "40": later("The transaction was rolled back; the next attempt may pass."),
  "42": never("A name or a privilege is missing: see the message; doctor(options) lists what a subscription needs."),
  "44": never("A view refused what was written: see the message."),
  "53": later("The server is short of something: see the message."),
  "54": never("A limit of the server's was passed: see the message."),
  "55": ifSlotIsWell(later("Something is not in the state for this: see the message.")),
  "57": later("An operator or the server ended it; the next attempt may pass."),
  "58": later(repair),
  "72": later("The snapshot is too old: take it again."),
  F0: never("The server's configuration file is not valid: see its log."),
  HV: never("A foreign table failed: see the message."),
  P0: never("A function raised an error: see the message."),
  XX: never(repair),
};

/** A state of a class that no table names: an extension's own. */
export const unknownState: Rule = later("The server reports an error that has no rule: see the message.");
