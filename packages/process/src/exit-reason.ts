/**
 * Why a process ended. Compare by `type`, never by a message text.
 * @see https://www.erlang.org/doc/system/ref_man_processes.html
 */
export type ExitReason =
  | { readonly type: "normal" }
  | { readonly type: "shutdown"; readonly info?: unknown }
  | { readonly type: "killed" }
  | { readonly type: "noproc" }
  | { readonly type: "error"; readonly error: unknown };

/** What functions that take a reason accept: a reason, or the name of one that carries nothing. */
export type ReasonLike = ExitReason | "normal" | "shutdown" | "killed";

/** It finished its work. */
export const normal: ExitReason = Object.freeze({ type: "normal" });
/** It was killed: nothing of its own ran any more. */
export const killed: ExitReason = Object.freeze({ type: "killed" });
/** It was not there: dead before anyone asked, or never known. */
export const noproc: ExitReason = Object.freeze({ type: "noproc" });

const plainShutdown: ExitReason = Object.freeze({ type: "shutdown" });

/** It was asked to stop; `info` says more (OTP's `{shutdown, Info}`). */
export function shutdown(info?: unknown): ExitReason {
  return info === undefined ? plainShutdown : { type: "shutdown", info };
}

/** It failed with `error`. */
export function crashed(error: unknown): ExitReason {
  return { type: "error", error };
}

/** Turns the short form into a reason; a reason comes back as it is. */
export function toExitReason(reason: ReasonLike): ExitReason {
  if (typeof reason !== "string") return reason;
  switch (reason) {
    case "normal":
      return normal;
    case "shutdown":
      return plainShutdown;
    case "killed":
      return killed;
  }
}

/** `normal` and `shutdown` are clean: no crash report, and a transient child is not started again. */
export function isClean(reason: ExitReason): boolean {
  return reason.type === "normal" || reason.type === "shutdown";
}

/** One line for a log or an error message: `shutdown`, `error (Error: boom)`. */
export function describeReason(reason: ExitReason): string {
  switch (reason.type) {
    case "normal":
    case "killed":
    case "noproc":
      return reason.type;
    case "shutdown":
      return reason.info === undefined ? "shutdown" : `shutdown (${describeValue(reason.info)})`;
    case "error":
      return `error (${describeValue(reason.error)})`;
  }
}

function describeValue(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}
