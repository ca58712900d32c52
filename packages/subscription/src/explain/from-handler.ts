import { formatLsn } from "@trunkline/protocol";
import type { Answer } from "./answer.ts";
import type { ExplainFacts, OldestOpen } from "./facts.ts";
import { bytes, comeAgain, duration } from "./words.ts";

/** A handler that has one transaction for longer than this is called busy with it. */
const BUSY_MS = 5000;

/** What the handler holds up. */
export function fromHandler(facts: ExplainFacts): Answer | undefined {
  const { oldestOpen } = facts.handler;
  if (oldestOpen?.failure !== undefined) return failing(facts, oldestOpen, oldestOpen.failure);
  if (oldestOpen !== undefined && facts.nowMs - oldestOpen.sinceMs > BUSY_MS) return busy(facts, oldestOpen);
  return facts.handler.backlogGrows ? slow(facts) : undefined;
}

function failing({ nowMs }: ExplainFacts, open: OldestOpen, failure: NonNullable<OldestOpen["failure"]>): Answer {
  const { count, max, error, nextTryMs } = failure;
  const next = nextTryMs <= nowMs ? "It is trying again now." : `Next try in ${duration(nextTryMs - nowMs)}.`;
  return {
    code: "handler_failing",
    tone: "held",
    sentence: `Your handler failed ${count} of ${max} times on ${nameOf(open)}: ${error}. ${next}`,
    todo: "Fix the handler, or park it: then this transaction is stored aside and the rest goes on.",
  };
}

function busy({ nowMs, id, handler }: ExplainFacts, open: OldestOpen): Answer {
  const { sinceMs, commitLsn } = open;
  const { laterDone, name } = handler;
  const done = laterDone === 1 ? "1 later one is done" : `${laterDone} later ones are done`;
  const because = `${done}, but a slot is acknowledged in commit order and cannot pass ${formatLsn(commitLsn)}.`;
  return {
    code: "handler_busy",
    tone: "held",
    sentence: `Your handler has held ${nameOf(open)} for ${duration(nowMs - sinceMs)}.`,
    ...(laterDone === 0 ? {} : { because }),
    todo: `See what ${name} is awaiting. Restarting ${id} is safe: ${comeAgain(laterDone + 1)}, none is lost.`,
  };
}

function slow({ handler, budget }: ExplainFacts): Answer {
  const { handledBytesPerSecond, writtenBytesPerSecond } = handler;
  const full = budget.type === "limited" && budget.fullInMs !== undefined ? budget.fullInMs : undefined;
  const advice = "Do less per change, or several changes at once.";
  return {
    code: "handler_slow",
    tone: "held",
    sentence: `Your handler does ${wal(handledBytesPerSecond)}/s, the writers ${wal(writtenBytesPerSecond)}/s.`,
    todo: full === undefined ? advice : `${advice} At this rate the WAL budget is full in ${duration(full)}.`,
  };
}

const nameOf = ({ xid, commitLsn }: OldestOpen): string =>
  xid === undefined ? `the message at ${formatLsn(commitLsn)}` : `transaction ${xid}`;

const wal = (perSecond: number): string => bytes(Math.round(perSecond));
