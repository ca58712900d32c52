import type { Name, Restart, Shutdown } from "@trunkline/process";
import { quoteIdentifier, quoteSlotName, type Row, type TypeParsers } from "@trunkline/protocol";
import { type ConnectionOptions, describeConnection } from "@trunkline/replication";
import type { CheckpointStore } from "./checkpoint/checkpoint.ts";
import { namesOf, wantedOf } from "./doctor/doctor.ts";
import { SubscriptionError } from "./errors/subscription-error.ts";
import type { Ownership } from "./ownership/decide-ownership.ts";
import { type FailurePolicyOptions, type FailurePolicyRule, resolveFailurePolicy } from "./policy/failure-policy.ts";
import type { PublicationSpec } from "./publication/publication-spec.ts";
import type { SnapshotHandlers } from "./snapshot/snapshot.ts";
import type { Relations, StandaloneMessage, SubscriptionChange } from "./stream/change.ts";
import type { Transaction } from "./stream/transaction.ts";

/** What becomes of a transaction whose handler throws. */
export interface FailureOptions<R extends Relations = Record<string, Row>>
  extends Omit<FailurePolicyOptions, "afterwards"> {
  /**
   * Stores a transaction aside after the last run, so that the next can go on. When it throws, the subscription stops
   * with `park_failed`. Default: the subscription stops with `handler_failed`.
   */
  readonly park?: (transaction: Transaction<R>, error: unknown) => unknown;
}

/** How the slot is sampled. */
export interface HealthOptions {
  /** Between the end of a sample and the next, in milliseconds. Default 10,000. */
  readonly intervalMs?: number;
  /** Where the samples are taken, and as whom. Default: the subscription's own `connection`. */
  readonly connection?: ConnectionOptions;
}

/** What of a subscription has to do with the server. */
export interface SourceOptions {
  /** Where the database is: node-postgres' names. The settings that values are written with are pinned. */
  readonly connection: ConnectionOptions;
  /** The slot; created when it doesn't exist and `create` is true. */
  readonly slot: string;
  /**
   * Whether the slot goes with its connection: nothing is left behind, and a connection that is lost ends the
   * subscription with `temporary_slot_gone`, since what is committed until the next never comes. Can't be combined with
   * a checkpoint or a snapshot. Default `false`.
   */
  readonly temporary?: boolean;
  /**
   * Whether a slot that is made is one that standbys keep a copy of, so that a failover finds it there (PostgreSQL 17;
   * the standbys need `sync_replication_slots`). A slot that exists is not altered. Default `false`.
   * @see https://www.postgresql.org/docs/current/logical-replication-failover.html
   */
  readonly failover?: boolean;
  /** Names must exist. A spec is created when it doesn't and `create` is true; an existing one is never altered. */
  readonly publications: string | PublicationSpec | readonly (string | PublicationSpec)[];
  /** Whether publications and the slot may be created. Default `true`. */
  readonly create?: boolean;
  /** Transactions come whole, at their commit. `"on"` is refused with `streaming_unsupported`. Default `"off"`. */
  readonly streaming?: "off" | "on" | "parallel";
  /** pgoutput's protocol version. Default 1. */
  readonly protocolVersion?: 1 | 2;
  /** Ask for what `pg_logical_emit_message` wrote. Default: whether there is an `onMessage`. */
  readonly messages?: boolean;
  /** `"none"` leaves out what the server itself received by replication (PostgreSQL 16). Default: the server's, `"any"`. */
  readonly origin?: "any" | "none";
  /** Parsers of values by type. Default: `defaultTypes` of @trunkline/protocol. */
  readonly types?: TypeParsers;
  /**
   * What is done while another owner has the slot: wait for it, end it, or stop with `owned_elsewhere`. Default
   * `"standby"`.
   */
  readonly ownership?: Ownership;
  /** How often a standby looks whether the slot is free, in milliseconds. Default 500. */
  readonly standbyPollMs?: number;
  /**
   * The slot's health is sampled on a session of its own, called `trunkline health <slot>`: what the WAL budget is, and
   * why the slot is not advancing. `false`: it is not, and that session is not opened. Default: every 10 seconds.
   */
  readonly health?: false | HealthOptions;
}

/** Options of `subscription`. */
export interface SubscriptionOptions<R extends Relations = Record<string, Row>> extends SourceOptions {
  /** Runs for each transaction, one after another; its promise says that what it did is durable. */
  readonly onTransaction?: (transaction: Transaction<R>) => unknown;
  /** Runs for each change, one after another; the transaction counts as handled after its last. Instead of `onTransaction`. */
  readonly onChange?: (change: SubscriptionChange<R>, transaction: Transaction<R>) => unknown;
  /**
   * Runs for each message that was written outside of transactions: one function for all, or one for each prefix, and
   * those of other prefixes are passed over. Messages within transactions are among their changes.
   */
  readonly onMessage?:
    | ((message: StandaloneMessage) => unknown)
    | Readonly<Record<string, (message: StandaloneMessage) => unknown>>;
  /**
   * `"initial"`: when there is neither slot nor checkpoint, the published tables are copied first, and streamed from the
   * very point of the copy. A crash in the middle leaves no slot, so the next start copies anew. Default `"never"`.
   */
  readonly snapshot?: "initial" | "never";
  /** Takes the rows of the copy, in the shape of the stream's. Needed with `snapshot: "initial"`. */
  readonly onSnapshot?: SnapshotHandlers;
  /** What is done when a handler throws. */
  readonly onFailure?: FailureOptions<R>;
  /** Where the sink keeps its own position; what it has is not delivered again. Default: the slot's position alone. */
  readonly checkpoint?: CheckpointStore;
  /**
   * Who saves the checkpoint: the subscription, after each transaction, or the handler, with `transaction.checkpoint()`
   * in its own database transaction. Default `"subscription"`.
   */
  readonly checkpointSavedBy?: "subscription" | "handler";
  /** What may be held between connection and handler. Default 10,000 changes, 4 MiB as they are on the wire. */
  readonly buffer?: { readonly changes?: number; readonly bytes?: number };
  /** The waits between attempts, in milliseconds: from `minMs`, doubling, to `maxMs`. Default 500 and 30,000; one follows the other past it. */
  readonly backoff?: { readonly minMs?: number; readonly maxMs?: number };
  /**
   * How long a server that shuts down is kept waiting for a handler that is busy; then the connection is closed.
   * Milliseconds, default 5,000.
   */
  readonly serverShutdownGraceMs?: number;
  /** How long a stop waits for the handler, in milliseconds. Default 10,000. */
  readonly drainMs?: number;
  /** Names the child within its supervisor. Default: the slot's name. */
  readonly id?: unknown;
  /** Default `"permanent"`. */
  readonly restart?: Restart;
  /** How long its supervisor waits for its end. Default: `drainMs` and 5,000 ms. */
  readonly shutdown?: Shutdown;
  /** A name to call it by. Default: none. */
  readonly name?: Name;
}

/** Options with every default filled in. */
export interface SubscriptionConfig {
  readonly source: SourceOptions;
  readonly publicationNames: readonly string[];
  readonly create: boolean;
  readonly temporary: boolean;
  readonly failover: boolean;
  readonly messages: boolean;
  readonly protocolVersion: 1 | 2;
  readonly ownership: Ownership;
  readonly standbyPollMs: number;
  /** `undefined`: nothing is sampled. */
  readonly health: { readonly intervalMs: number; readonly connection: ConnectionOptions | undefined } | undefined;
  readonly onTransaction: SubscriptionOptions["onTransaction"];
  readonly onChange: SubscriptionOptions["onChange"];
  readonly onMessage: ((message: StandaloneMessage) => unknown) | undefined;
  readonly failure: { readonly rule: FailurePolicyRule; readonly park: FailureOptions["park"] };
  /** `undefined`: nothing is copied. */
  readonly snapshot: SnapshotHandlers | undefined;
  readonly checkpoint: CheckpointStore | undefined;
  readonly savesCheckpoint: boolean;
  readonly buffer: { readonly changes: number; readonly bytes: number };
  readonly backoff: { readonly minMs: number; readonly maxMs: number };
  readonly serverShutdownGraceMs: number;
  readonly drainMs: number;
}

/**
 * Fills in the defaults.
 * @throws SubscriptionError `option_invalid`, `streaming_unsupported`; ConfigError for what `connection` can't be
 */
export function parseOptions(options: SubscriptionOptions): SubscriptionConfig {
  const { onTransaction, onChange, checkpoint, streaming = "off" } = options;
  if (streaming !== "off") {
    throw new SubscriptionError(
      "streaming_unsupported",
      `streaming: ${JSON.stringify(streaming)} is not supported yet.`,
    );
  }
  if ((onTransaction === undefined) === (onChange === undefined)) {
    throw invalid("Give either onTransaction or onChange.");
  }
  if (typeof (onTransaction ?? onChange) !== "function") throw invalid("onTransaction and onChange are functions.");
  checkConnections(options);
  if (typeof options.slot !== "string" || options.slot === "") throw invalid("slot is missing.");
  checkName(quoteSlotName, options.slot);
  const publicationNames = publicationsOf(options);
  const { protocolVersion = 1, ownership = "standby", origin } = options;
  if (origin !== undefined && origin !== "any" && origin !== "none") throw invalid(`origin is "any" or "none".`);
  if (protocolVersion !== 1 && protocolVersion !== 2) throw invalid("protocolVersion is 1 or 2.");
  if (!["standby", "takeover", "fail"].includes(ownership)) throw invalid(`ownership can't be ${String(ownership)}.`);
  const { checkpointSavedBy = "subscription" } = options;
  if (checkpointSavedBy !== "subscription" && checkpointSavedBy !== "handler") {
    throw invalid(`checkpointSavedBy is "subscription" or "handler"; it is ${JSON.stringify(checkpointSavedBy)}.`);
  }
  if (checkpointSavedBy === "handler" && checkpoint === undefined) {
    throw invalid('checkpointSavedBy: "handler" needs a checkpoint: it is where the position is loaded from.');
  }
  const onMessage = routed(options.onMessage);
  const { create = true, temporary = false, failover = false } = options;
  if (typeof failover !== "boolean") throw invalid("failover is true or false.");
  if (temporary && failover) throw invalid("A temporary slot goes with its connection: no standby can keep it.");
  if (temporary && (!create || checkpoint !== undefined || options.snapshot === "initial")) {
    throw invalid(
      "A temporary slot is made anew for each connection: it goes with no checkpoint, no snapshot, and no create: false.",
    );
  }
  return {
    source: options,
    publicationNames,
    create,
    temporary,
    failover,
    messages: options.messages ?? onMessage !== undefined,
    protocolVersion,
    ownership,
    standbyPollMs: limit(options.standbyPollMs ?? 500, "standbyPollMs"),
    health: healthOf(options.health),
    onTransaction,
    onChange,
    onMessage,
    failure: { rule: failureRule(options.onFailure), park: options.onFailure?.park },
    snapshot: snapshotOf(options),
    checkpoint,
    savesCheckpoint: checkpointSavedBy === "subscription",
    buffer: {
      changes: Math.max(1, limit(options.buffer?.changes ?? 10_000, "buffer.changes")),
      bytes: Math.max(1, limit(options.buffer?.bytes ?? 4 * 1024 * 1024, "buffer.bytes")),
    },
    backoff: backoffOf(options.backoff),
    serverShutdownGraceMs: limit(options.serverShutdownGraceMs ?? 5000, "serverShutdownGraceMs"),
    drainMs: limit(options.drainMs ?? 10_000, "drainMs"),
  };
}

/** @throws ConfigError */
function checkConnections({ connection, health }: SourceOptions): void {
  if (typeof connection !== "object" || connection === null) throw invalid("connection is missing.");
  describeConnection(connection);
  if (typeof health === "object" && health?.connection !== undefined) describeConnection(health.connection);
}

function publicationsOf({ publications }: SourceOptions): readonly string[] {
  if ((publications ?? undefined) === undefined) throw invalid("publications is missing.");
  const names = namesOf(wantedOf({ publications }));
  for (const name of names) checkName(quoteIdentifier, name);
  return names;
}

function checkName(quote: (name: string) => string, name: string): void {
  try {
    quote(name);
  } catch (cause) {
    throw new SubscriptionError("option_invalid", (cause as Error).message, { cause });
  }
}

function routed(onMessage: SubscriptionOptions["onMessage"]): SubscriptionConfig["onMessage"] {
  if (onMessage === undefined || typeof onMessage === "function") return onMessage;
  return (message) => (Object.hasOwn(onMessage, message.prefix) ? onMessage[message.prefix]?.(message) : undefined);
}

function failureRule({ park, ...policy }: FailureOptions = {}): FailurePolicyRule {
  return resolveFailurePolicy({ ...policy, afterwards: park === undefined ? "stop" : "park" });
}

function snapshotOf({ snapshot = "never", onSnapshot }: SubscriptionOptions): SnapshotHandlers | undefined {
  if (snapshot === "never") return undefined;
  if (snapshot !== "initial") throw invalid(`snapshot is neither "initial" nor "never".`);
  if (onSnapshot === undefined) throw invalid('snapshot: "initial" needs onSnapshot, which takes the rows.');
  return onSnapshot;
}

function healthOf(health: SourceOptions["health"] = {}): SubscriptionConfig["health"] {
  if (health === false) return undefined;
  if (typeof health !== "object" || health === null) throw invalid("health is false or an object of options.");
  const { intervalMs = 10_000, connection } = health;
  return { intervalMs: Math.max(1, limit(intervalMs, "health.intervalMs")), connection };
}

function backoffOf(backoff: SubscriptionOptions["backoff"] = {}): SubscriptionConfig["backoff"] {
  const minMs = limit(backoff.minMs ?? Math.min(500, backoff.maxMs ?? 500), "backoff.minMs");
  const maxMs = limit(backoff.maxMs ?? Math.max(30_000, minMs), "backoff.maxMs");
  if (minMs > maxMs) throw invalid(`backoff.minMs (${minMs}) is above backoff.maxMs (${maxMs}).`);
  return { minMs, maxMs };
}

function limit(value: number, name: string): number {
  if (typeof value === "number" && value >= 0) return value;
  throw invalid(`${name} must be a number from 0; it is ${String(value)}.`);
}

const invalid = (what: string): SubscriptionError => new SubscriptionError("option_invalid", what);
