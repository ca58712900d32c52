/**
 * `missing`: it won't work until this is done. `warning`: it works, and may lose the slot, rows or time. `note`: good to
 * know.
 */
export type Severity = "missing" | "warning" | "note";

/** What is found, for programs. The list only grows. */
export type FindingCode =
  | "server_too_old"
  | "standby_too_old"
  | "standby"
  | "wal_level"
  | "slots_exhausted"
  | "senders_exhausted"
  | "role_may_not_replicate"
  | "settings_not_pinned"
  | "encoding_unknown"
  | "wal_unlimited"
  | "sender_timeout_off"
  | "sender_timeout_short"
  | "slot_timeout"
  | "slot_before_publication"
  | "slot_unsuitable"
  | "slot_lost"
  | "slot_two_phase"
  | "slot_failover_unsupported"
  | "slot_not_failover"
  | "publication_missing"
  | "publication_unsupported"
  | "publication_needs_create"
  | "publication_needs_owner"
  | "publication_needs_superuser"
  | "publication_lacks_table"
  | "publication_differs"
  | "publication_empty"
  | "table_missing"
  | "table_unsuitable"
  | "identity_missing"
  | "identity_not_published"
  | "filter_outside_identity"
  | "generated_not_published"
  | "partitions_mixed"
  | "column_lists_differ"
  | "table_not_readable"
  | "row_security";

/** One thing that the server, the role, the publication or a table lacks, and what a person does about it. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What is the matter, as a sentence. */
  readonly what: string;
  /** Statements that repair it, in order, without semicolons, for a role that may; empty when SQL can't. */
  readonly sql: readonly string[];
  /** What must be done besides, as a sentence. */
  readonly afterwards?: string;
}

type Parts = readonly [code: FindingCode, what: string, sql?: readonly string[], afterwards?: string];

const finding = (severity: Severity, [code, what, sql = [], afterwards]: Parts): Finding => ({
  code,
  severity,
  what,
  sql,
  ...(afterwards === undefined ? {} : { afterwards }),
});

export const missing = (...parts: Parts): Finding => finding("missing", parts);
export const warning = (...parts: Parts): Finding => finding("warning", parts);
export const note = (...parts: Parts): Finding => finding("note", parts);
