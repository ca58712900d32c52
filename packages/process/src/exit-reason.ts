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

const shortForms: ReadonlyMap<unknown, ExitReason> = new Map<unknown, ExitReason>([
  ["normal", normal],
  ["shutdown", plainShutdown],
  ["killed", killed],
]);
const reasonTypes: ReadonlySet<unknown> = new Set<ExitReason["type"]>([
  "normal",
  "shutdown",
  "killed",
  "noproc",
  "error",
]);

/**
 * Turns the short form into a reason; a reason comes back as it is.
 * @throws TypeError for anything else: a process must never end with a reason that nobody can read
 */
export function toExitReason(reason: ReasonLike): ExitReason {
  const short = shortForms.get(reason);
  if (short !== undefined) return short;
  if (typeof reason === "object" && reason !== null && reasonTypes.has(reason.type)) return reason;
  throw new TypeError(
    `${typeof reason === "object" ? "An object without such a type" : String(reason)} is no exit reason: use "normal", "shutdown", "killed", shutdown(info) or crashed(error).`,
  );
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
