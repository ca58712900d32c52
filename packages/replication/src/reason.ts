import { crashed, type ExitReason, normal, shutdown } from "@trunkline/process";
import type { Reason } from "./instruction.ts";

/** What a process ends with that is given up for `reason`: clean words and exit reasons as they are, else an error. */
export function exitReasonFor(reason: unknown): ExitReason {
  if (reason === "normal") return normal;
  if (reason === "shutdown") return shutdown();
  return isExitReason(reason) ? reason : crashed(reason);
}

/** The other way: what `handleDisconnect` hears of an exit reason. */
export function reasonFromExit(reason: ExitReason): Reason {
  return reason.type === "error" && (reason.error instanceof Error || typeof reason.error === "string")
    ? reason.error
    : reason;
}

function isExitReason(value: unknown): value is ExitReason {
  if (typeof value !== "object" || value === null || value instanceof Error || !("type" in value)) return false;
  switch (value.type) {
    case "normal":
    case "shutdown":
    case "killed":
    case "noproc":
      return true;
    case "error":
      return "error" in value;
    default:
      return false;
  }
}
