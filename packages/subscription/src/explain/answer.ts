/** `broken`: a person must act. `held`: something stops it. `waiting`: it goes on by itself. `fine`: nothing is wrong. */
export type Tone = "broken" | "held" | "waiting" | "fine";

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
  | "handler_failing"
  | "handler_busy"
  | "handler_slow"
  | "open_transaction"
  | "silent"
  | "decoding"
  | "not_confirmed"
  | "wal_pinned"
  | "ack_due"
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
