import { unreachable } from "@trunkline/process";
import type { Answer } from "./answer.ts";
import type { ExplainFacts } from "./facts.ts";
import { ago, duration, bytes as size } from "./words.ts";

/** What keeps the stream from running at all. */
export function fromConnection({ connection, nowMs, id, host, user, budget }: ExplainFacts): Answer | undefined {
  switch (connection.type) {
    case "streaming":
    case "opening":
      return undefined;
    case "loginRefused":
      return {
        code: "login_refused",
        tone: "broken",
        sentence: `Postgres refused the login of ${user}: ${connection.message}`,
        todo: `Correct the password or pg_hba.conf; then restart ${id}.`,
      };
    case "stopped": {
      const kept =
        budget.type === "limited" || budget.type === "unlimited" ? size(budget.keptBytes) : "an unknown amount";
      return {
        code: "gave_up",
        tone: "broken",
        sentence: `${id} stopped ${ago(nowMs - connection.sinceMs)}: ${connection.reason}.`,
        todo: `${connection.remedy} The slot keeps WAL meanwhile: ${kept}.`,
      };
    }
    case "down": {
      const { sinceMs, error, remedy, attempt, nextAttemptMs } = connection;
      const lasted = duration(nowMs - sinceMs);
      const next = nextAttemptMs === undefined ? "is under way" : `in ${duration(nextAttemptMs - nowMs)}`;
      return {
        code: "unreachable",
        tone: "held",
        sentence: `No connection to ${host} for ${lasted}: ${error}. Attempt ${attempt} ${next}.`,
        todo: remedy,
      };
    }
    case "standby": {
      const { pid, application, address, since } = connection.owner;
      return {
        code: "standby",
        tone: "waiting",
        sentence: `On standby: pid ${pid} (${application}, ${address}) holds the lock since ${since}.`,
        todo: "Nothing, if that one is well. It takes over within 2 s of that one’s end.",
      };
    }
    case "copying":
      return {
        code: "copying",
        tone: "waiting",
        sentence: `The tables are being copied, for ${duration(nowMs - connection.sinceMs)} so far.`,
        because: "The slot counts from the moment of the copy, and is kept once the copy is complete.",
        todo: "Wait.",
      };
    default:
      return unreachable(connection);
  }
}

/** Another consumer has the slot. */
export function inUse({ verdict, slot }: ExplainFacts): Answer | undefined {
  if (verdict?.type !== "inUse") return undefined;
  return {
    code: "in_use",
    tone: "held",
    sentence: `Slot ${slot} is held by pid ${verdict.pid ?? "?"}, which does not use our lock.`,
    todo: "Stop that consumer, or give this one a slot of its own.",
  };
}

/** Somebody holds it by `sys.suspend`. */
export function suspended({ suspendedMs, nowMs, id }: ExplainFacts): Answer | undefined {
  if (suspendedMs === undefined) return undefined;
  const sentence = `${id} was suspended ${ago(nowMs - suspendedMs)}.`;
  return { code: "suspended", tone: "held", sentence, todo: "Resume it." };
}

/** Somebody holds it by `pauseSubscription`. */
export function paused({ pausedMs, nowMs, id }: ExplainFacts): Answer | undefined {
  if (pausedMs === undefined) return undefined;
  const sentence = `${id} was paused ${ago(nowMs - pausedMs)}: it hands out no further transaction.`;
  return {
    code: "paused",
    tone: "held",
    sentence,
    todo: "Call resumeSubscription. Changes wait in the slot meanwhile.",
  };
}
