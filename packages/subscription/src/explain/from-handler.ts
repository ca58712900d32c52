import { formatLsn } from "@trunkline/protocol";
import type { Answer } from "./answer.ts";
import type { ExplainFacts, OldestOpen } from "./facts.ts";
import { comeAgain, duration, rate } from "./words.ts";

/** A handler that has one transaction for longer than this is called busy with it. */
const BUSY_MS = 5000;

/** What the handler holds up. */
export function fromHandler(facts: ExplainFacts): Answer | undefined {
  const { oldestOpen } = facts.handler;
  if (oldestOpen?.failure !== undefined) return failing(facts, oldestOpen, oldestOpen.failure);
  if (oldestOpen !== undefined && facts.nowMs - oldestOpen.sinceMs > BUSY_MS) return busy(facts, oldestOpen);
  return facts.handler.backlogGrows ? slow(facts) : undefined;
}

function failing({ nowMs }: ExplainFacts, { xid }: OldestOpen, failure: NonNullable<OldestOpen["failure"]>): Answer {
  const { count, max, error, nextTryMs } = failure;
  return {
    code: "handler_failing",
    tone: "held",
    sentence: `Your handler failed ${count} of ${max} times on transaction ${xid}: ${error}. Next try in ${duration(nextTryMs - nowMs)}.`,
    todo: "Fix the handler, or park it: then this transaction is stored aside and the rest goes on.",
  };
}

function busy({ nowMs, id, handler }: ExplainFacts, { xid, sinceMs, commitLsn }: OldestOpen): Answer {
  const { laterDone, name } = handler;
  const done = laterDone === 1 ? "1 later one is done" : `${laterDone} later ones are done`;
  const because = `${done}, but a slot is acknowledged in commit order and cannot pass ${formatLsn(commitLsn)}.`;
  return {
    code: "handler_busy",
    tone: "held",
    sentence: `Your handler has held transaction ${xid} for ${duration(nowMs - sinceMs)}.`,
    ...(laterDone === 0 ? {} : { because }),
    todo: `See what ${name} is awaiting. Restarting ${id} is safe: ${comeAgain(laterDone + 1)}, none is lost.`,
  };
}

function slow({ handler, budget }: ExplainFacts): Answer {
  const { handledPerSecond, writtenPerSecond } = handler;
  const full = budget.type === "limited" && budget.fullInMs !== undefined ? budget.fullInMs : undefined;
  const advice = "Raise concurrency.max, set a key, or do less per change.";
  return {
    code: "handler_slow",
    tone: "held",
    sentence: `Your handler does ${rate(handledPerSecond)}/s, the writers ${rate(writtenPerSecond)}/s.`,
    todo: full === undefined ? advice : `${advice} At this rate the WAL budget is full in ${duration(full)}.`,
  };
}
