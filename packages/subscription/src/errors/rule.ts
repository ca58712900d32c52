/** What happens after an error: another attempt at once, another after a wait that grows, or none. */
export type ErrorAction = "retryNow" | "retryWithBackoff" | "stop";

/** What is done about one kind of error. */
export interface Rule {
  readonly action: ErrorAction;
  /** What a person does about it, as a sentence. */
  readonly remedy: string;
  /** Whether the slot must be looked at before the next attempt: the error itself doesn't tell whether it is lost. */
  readonly lookAtSlot: boolean;
}

/** A passing state of the server or the network: the next attempt may succeed by itself. */
export const later = (remedy: string): Rule => ({ action: "retryWithBackoff", remedy, lookAtSlot: false });

/** The attempt was ended, and the next one need not wait. */
export const now = (remedy: string): Rule => ({ action: "retryNow", remedy, lookAtSlot: false });

/** No attempt can succeed before a person has done something. */
export const never = (remedy: string): Rule => ({ action: "stop", remedy, lookAtSlot: false });

/** A rule that holds only if the slot is well. */
export const ifSlotIsWell = (rule: Rule): Rule => ({ ...rule, lookAtSlot: true });
