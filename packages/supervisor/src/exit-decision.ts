import { type ExitReason, isClean, type Restart, unreachable } from "@trunkline/process";

/** What becomes of a child that ended by itself. `keep`: its spec stays listed, stopped. */
export type ExitDecision = "restart" | "keep" | "remove";

/**
 * OTP's table of restart type and exit reason.
 * @see https://www.erlang.org/doc/apps/stdlib/supervisor.html#module-supervision-principles
 */
export function decideOnExit(restart: Restart, reason: ExitReason): ExitDecision {
  switch (restart) {
    case "permanent":
      return "restart";
    case "transient":
      return isClean(reason) ? "keep" : "restart";
    case "temporary":
      return "remove";
    default:
      return unreachable(restart);
  }
}

/** Whether the end of a child is an error to report: of a permanent one always, of others when it was abnormal. */
export const isReportedExit = (restart: Restart, reason: ExitReason): boolean =>
  restart === "permanent" || !isClean(reason);

/**
 * Whether a child that was asked to stop ended as it should: with `shutdown` (`killed` for `brutal_kill`); one that is
 * not permanent also with any other clean reason.
 */
export function isExpectedStop(restart: Restart, brutal: boolean, reason: ExitReason): boolean {
  if (brutal && reason.type === "killed") return true;
  if (restart !== "permanent") return isClean(reason);
  return !brutal && reason.type === "shutdown" && reason.info === undefined;
}
