import { describeReason, type ExitReason } from "./exit-reason.ts";

const remedies = {
  timeout: "The request may still be handled; its reply is dropped. Raise timeoutMs if the process is busy, not stuck.",
  noproc: "Start it first, or look it up again: a restarted process is a new one.",
  exited: "It ended before it replied; `reason` says why. A supervised process can be called again under its name.",
  calling_self: "A process cannot wait for itself: call the function that computes the reply.",
  aborted: "The caller's signal was aborted; the request may still be handled.",
  overloaded: "Its mailbox is full: try again later, or raise the capacity.",
} as const;

/** Why a call failed; OTP's atoms where OTP has one. */
export type CallErrorCode = keyof typeof remedies;

/** A call got no reply. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly code: CallErrorCode;
  /** `exited`: what the process ended with. `noproc`: the reason `noproc`. Else `undefined`. */
  readonly reason: ExitReason | undefined;

  constructor(code: CallErrorCode, what: string, options: ErrorOptions & { readonly reason?: ExitReason } = {}) {
    const { reason } = options;
    const cause = "cause" in options ? options : reason?.type === "error" ? { cause: reason.error } : {};
    super(`${what}${reason === undefined ? "" : ` Reason: ${describeReason(reason)}.`} ${remedies[code]}`, cause);
    this.code = code;
    this.reason = reason;
  }
}
