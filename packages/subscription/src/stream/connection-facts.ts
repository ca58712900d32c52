import { type ExitReason, exitReason, isRunning } from "@trunkline/process";
import { streamVitals } from "@trunkline/replication";
import type { AnyActorRef } from "xstate";
import type { Classified } from "../errors/classify.ts";
import type { ConnectionFacts } from "../explain/facts.ts";
import { causeInWords } from "../explain/words.ts";
import type { LockHolder } from "../ownership/slot-lock.ts";

/** Where a subscription's machine stands, as its snapshot says. Moments are milliseconds of the process' clock. */
export interface Standing {
  readonly state: string;
  readonly last: { readonly error: unknown; readonly classified: Classified } | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** Since when there has been no connection; `undefined` before the first failure. */
  readonly downSinceMs: number | undefined;
  readonly nextAttemptMs: number;
}

/** What of the connection the machine does not know. */
export interface ConnectionSources {
  readonly self: AnyActorRef;
  readonly nowMs: number;
  readonly session: AnyActorRef | undefined;
  /** Who has the slot's lock in our place. */
  readonly holder: LockHolder | undefined;
  readonly copyingSinceMs: number | undefined;
  /** When it began to close; `undefined` while it runs. */
  readonly closedMs: number | undefined;
}

/** Where the connection stands. */
export function connectionFacts(standing: Standing, sources: ConnectionSources): ConnectionFacts {
  const { state, last } = standing;
  const { self, nowMs, closedMs, session, holder, copyingSinceMs } = sources;
  if (closedMs !== undefined || !isRunning(self)) return ended(standing, closedMs ?? nowMs, exitReason(self));
  switch (state) {
    case "streaming":
    case "yielding":
    case "draining":
      return session === undefined ? { type: "opening" } : streaming(session, nowMs);
    case "standingBy":
      return holder === undefined ? { type: "opening" } : { type: "standby", owner: holder };
    case "copying":
      return { type: "copying", sinceMs: copyingSinceMs ?? nowMs };
    default:
      return last === undefined ? { type: "opening" } : down(standing, last, nowMs);
  }
}

function streaming(session: AnyActorRef, nowMs: number): ConnectionFacts {
  const liveness = streamVitals(session)?.liveness;
  return {
    type: "streaming",
    lastHeardMs: liveness?.heardAtMs ?? nowMs,
    askedMs: liveness?.askedAtMs,
    livenessTimeoutMs: liveness?.timeoutMs ?? Number.POSITIVE_INFINITY,
  };
}

function down(
  standing: Standing,
  { error, classified }: NonNullable<Standing["last"]>,
  nowMs: number,
): ConnectionFacts {
  const { state, failures, downSinceMs, nextAttemptMs } = standing;
  const waits = state === "backingOff" || state === "preparingAgain";
  return {
    type: "down",
    sinceMs: downSinceMs ?? nowMs,
    error: withoutRemedy(causeInWords(error), classified.remedy),
    remedy: classified.remedy,
    attempt: failures + 1,
    nextAttemptMs: waits ? nextAttemptMs : undefined,
  };
}

function ended({ last }: Standing, sinceMs: number, reason: ExitReason | undefined): ConnectionFacts {
  if (last?.classified.action === "stop") {
    if (isRefusedLogin(last.error)) return { type: "loginRefused", message: causeInWords(last.error) };
    const { remedy } = last.classified;
    return { type: "stopped", sinceMs, reason: withoutRemedy(causeInWords(last.error), remedy), remedy };
  }
  if (reason?.type === "error") {
    return {
      type: "stopped",
      sinceMs,
      reason: causeInWords(reason.error),
      remedy: "See the error, and start it again.",
    };
  }
  const why = reason?.type === "killed" ? "it was killed" : "it was asked to";
  return { type: "stopped", sinceMs, reason: why, remedy: "Start it again to go on where it stopped." };
}

/** Errors of ours end with the remedy, which is told by itself. */
function withoutRemedy(message: string, remedy: string): string {
  const bare = remedy.replace(/\.$/, "");
  return message.endsWith(bare) ? message.slice(0, -bare.length).trim().replace(/\.$/, "") : message;
}

/** SQLSTATE class 28, or our own refusal to log in. */
function isRefusedLogin(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "AuthenticationError" || ("code" in error && /^28/.test(String(error.code)));
}
