import type { Tone } from "@trunkline/process";

export type { Tone };

/** Which cause it is, for programs. The list only grows. */
export type AnswerCode =
  | "slot_lost"
  | "slot_missing"
  | "other_system"
  | "server_behind"
  | "login_refused"
  | "gave_up"
  | "unreachable"
  | "standby"
  | "in_use"
  | "suspended"
  | "paused"
  | "copying"
  | "handler_failing"
  | "handler_busy"
  | "handler_slow"
  | "open_transaction"
  | "silent"
  | "decoding"
  | "not_confirmed"
  | "wal_pinned"
  | "ack_due"
  | "unknown"
  | "idle"
  | "advancing";

/** One cause, with its numbers. */
export interface Answer {
  readonly code: AnswerCode;
  readonly tone: Tone;
  readonly sentence: string;
  /** Why that holds the slot up, where the sentence does not say. */
  readonly because?: string;
  /** What to do, and whether data is safe. */
  readonly todo?: string;
}
