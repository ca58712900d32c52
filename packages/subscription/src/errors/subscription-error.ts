import type { Finding } from "../doctor/finding.ts";

/** What a person does about each code. The error's message is what happened, then this. */
const remedies = {
  option_invalid: "Correct the option.",
  streaming_unsupported: 'Leave streaming out, or set it to "off": transactions come whole, at their commit.',
  prerequisites_missing: "Run the SQL that is listed, or call doctor(options) to get it as data.",
  publication_missing: "Create the publication before the slot: changes from before it existed can't be decoded.",
  publication_differs: "Alter it by hand, or drop it and let it be created: what others made is never altered.",
  slot_missing:
    "See whether this is the right server and database. A new slot starts now: what lies between must be copied again.",
  temporary_slot_gone:
    "It went with its connection: start again for what comes from now on, and use a lasting slot to lose nothing.",
  slot_lost: "Drop the slot, take a new snapshot, and raise max_slot_wal_keep_size.",
  slot_in_use: "Stop the other consumer, or give this one a slot of its own.",
  slot_unsuitable: "Give this subscription a slot of its own, made for pgoutput in this database.",
  server_behind: "Restore the sink to match the server, or take a new snapshot: the changes after this point are gone.",
  other_system: "Check the connection string, or take a new snapshot from this server.",
  owned_elsewhere: "Stop the other owner, or set ownership to standby or takeover.",
  checkpoint_malformed: "Repair or remove the checkpoint; without it the slot's own position is used.",
  checkpoint_foreign: "Give each slot a checkpoint of its own.",
  checkpoint_stale: "Another owner is ahead: this transaction must be rolled back, and its changes are stored already.",
  position_malformed: "Pass what formatPosition wrote.",
  copy_malformed: "The server sent a row that is not COPY's text format: take the snapshot again.",
  snapshot_gone: "The session that exported the snapshot has ended: drop the slot and take the snapshot again.",
  stream_ended: "Nothing: a server that stops ends its streams; it is tried again.",
  transaction_cut: "Nothing: roll back what was done for it; the transaction comes again.",
  handler_failed: "See the cause; fix the handler, then restart the subscription. The transaction comes again.",
  park_failed: "See the cause: nothing is acknowledged until what failed is stored aside.",
} as const;

/** What went wrong, for programs. The list only grows. */
export type SubscriptionErrorCode = keyof typeof remedies;

/** `findings`: what the doctor found, for `prerequisites_missing`. */
export interface SubscriptionErrorOptions extends ErrorOptions {
  readonly findings?: readonly Finding[];
}

/** What a subscription refuses, or stops for. Branch on `code`; the message says what happened and what to do. */
export class SubscriptionError extends Error {
  override readonly name = "SubscriptionError";
  readonly code: SubscriptionErrorCode;
  /** What is missing, with the SQL that repairs it; empty for other codes than `prerequisites_missing`. */
  readonly findings: readonly Finding[];

  constructor(code: SubscriptionErrorCode, what: string, options: SubscriptionErrorOptions = {}) {
    super(`${what}${what.endsWith("\n") ? "" : " "}${remedies[code]}`, options);
    this.code = code;
    this.findings = options.findings ?? [];
  }
}

/** What a person does about this code. */
export const remedyOf = (code: SubscriptionErrorCode): string => remedies[code];
