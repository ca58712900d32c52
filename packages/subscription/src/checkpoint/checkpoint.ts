import { formatLsn, type Lsn, parseLsn } from "@trunkline/protocol";
import { SubscriptionError } from "../errors/subscription-error.ts";

/**
 * A sink's own position: everything of this slot whose commit starts before `lsn` is stored. An LSN means nothing
 * without the server it came from, so that stands beside it.
 */
export interface Checkpoint {
  /** IDENTIFY_SYSTEM's `systemid`: decimal digits. */
  readonly systemId: string;
  /** The timeline of the server then. */
  readonly timeline: number;
  readonly slot: string;
  /** Where the commit record of the last stored transaction ends. */
  readonly lsn: Lsn;
}

/**
 * Where a sink keeps its position. When it saves the position in the same transaction as the rows, applying is
 * exactly-once there; else a crash between the two brings the last transactions again.
 */
export interface CheckpointStore {
  /** The last saved one; `undefined` when none has been saved. */
  load(): Promise<Checkpoint | undefined>;
  /** Resolves when it is durable. */
  save(checkpoint: Checkpoint): Promise<void>;
}

/** A checkpoint as it is stored: one line of JSON, the LSN in Postgres' text form. */
export function formatCheckpoint({ systemId, timeline, slot, lsn }: Checkpoint): string {
  return `${JSON.stringify({ systemId, timeline, slot, lsn: formatLsn(lsn) })}\n`;
}

/**
 * Reads what {@link formatCheckpoint} wrote. `where` stands in the error.
 * @throws SubscriptionError `checkpoint_malformed`
 */
export function parseCheckpoint(text: string, where: string): Checkpoint {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return checkpointOf(value as Record<string, unknown>);
  } catch (cause) {
    throw malformed(where, { cause });
  }
  throw malformed(where);
}

/**
 * Checks the fields that came from a store, each as text or number.
 * @throws an Error that names the field
 */
export function checkpointOf(fields: Readonly<Record<string, unknown>>): Checkpoint {
  const { systemId, timeline, slot, lsn } = fields;
  if (typeof systemId !== "string" || !/^\d{1,20}$/.test(systemId)) throw new TypeError("systemId is no number.");
  const line = typeof timeline === "string" && /^\d{1,10}$/.test(timeline) ? Number(timeline) : timeline;
  if (typeof line !== "number" || !Number.isInteger(line) || line < 1) throw new TypeError("timeline is no number.");
  if (typeof slot !== "string" || slot === "") throw new TypeError("slot is no name.");
  if (typeof lsn !== "string") throw new TypeError("lsn is no text.");
  return { systemId, timeline: line, slot, lsn: parseLsn(lsn) };
}

export function malformed(where: string, options?: ErrorOptions): SubscriptionError {
  return new SubscriptionError("checkpoint_malformed", `${where} holds no checkpoint.`, options);
}

/**
 * The checkpoint if it is this slot's.
 * @throws SubscriptionError `checkpoint_foreign`
 */
export function ofSlot(checkpoint: Checkpoint | undefined, slot: string, where: string): Checkpoint | undefined {
  if (checkpoint === undefined || checkpoint.slot === slot) return checkpoint;
  throw new SubscriptionError("checkpoint_foreign", `${where} is of slot ${checkpoint.slot}, not of ${slot}.`);
}
