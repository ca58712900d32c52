import { crashed } from "@trunkline/process";
import type { Reason } from "../instruction.ts";
import { exitReasonFor } from "../reason.ts";
import { ReplicationError } from "../replication-error.ts";
import type { ConnectionContext, Goal } from "./context.ts";

type Next = Pick<ConnectionContext, "failures" | "onProbation" | "goal">;

/**
 * R83: what follows the loss of a session. The first loss after a good connection reconnects at once; a reconnect that
 * was lost before it had proved good counts as a failure, and waits.
 */
export function afterLoss(context: ConnectionContext, reason: Reason): Next {
  if (!context.autoReconnect) return { ...counters(context), goal: exit(reason) };
  if (!context.onProbation) return { failures: context.failures, onProbation: true, goal: reconnect(true) };
  return afterFailure(context, reason);
}

/** R7, R83: what follows an attempt that failed. */
export function afterFailedAttempt(context: ConnectionContext, reason: Reason): Next {
  if (!context.autoReconnect) return { ...counters(context), goal: exit(reason) };
  return afterFailure(context, reason);
}

/** R85: a disconnect while there is no session to lose ends the wait. */
export function afterDisconnectUnconnected(context: ConnectionContext, reason: Reason): Next {
  return { ...counters(context), goal: context.autoReconnect ? reconnect(true) : exit(reason) };
}

function afterFailure(context: ConnectionContext, reason: Reason): Next {
  const failures = context.failures + 1;
  const gaveUp = failures >= context.backoff.maxAttempts;
  return {
    failures,
    onProbation: true,
    goal: gaveUp ? { type: "exit", reason: exhausted(failures, reason) } : reconnect(false),
  };
}

const counters = ({
  failures,
  onProbation,
}: ConnectionContext): Pick<ConnectionContext, "failures" | "onProbation"> => ({
  failures,
  onProbation,
});

const reconnect = (now: boolean): Goal => ({ type: "reconnect", now });

const exit = (reason: Reason): Goal => ({ type: "exit", reason: exitReasonFor(reason) });

const exhausted = (failures: number, cause: Reason) =>
  crashed(
    new ReplicationError("reconnect_attempts_exhausted", `${failures} attempts to connect failed in a row.`, { cause }),
  );
