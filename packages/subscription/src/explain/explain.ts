import type { Answer } from "./answer.ts";
import type { ExplainFacts } from "./facts.ts";
import { fromConnection, inUse, paused, suspended } from "./from-connection.ts";
import { fromHandler } from "./from-handler.ts";
import { decoding, notConfirmed, openTransaction, silent, walPinned } from "./from-server.ts";
import { fromSlot } from "./from-slot.ts";
import { ackDue, goodNews, unknown } from "./from-success.ts";
import { ago } from "./words.ts";

/** Facts that are older than this many intervals are told as what they are. */
const STALE_INTERVALS = 3;

/** What a cause goes by: what this process knows at first hand, a look at the slot, or a sample of the server. */
type Basis = "own" | "verdict" | "sample";

/** The causes in their order: the first that holds is the answer. */
const causes: readonly (readonly [cause: (facts: ExplainFacts) => Answer | undefined, basis: Basis])[] = [
  [fromSlot, "verdict"],
  [fromConnection, "own"],
  [inUse, "verdict"],
  [suspended, "own"],
  [paused, "own"],
  [fromHandler, "own"],
  [openTransaction, "own"],
  [silent, "own"],
  [decoding, "sample"],
  [notConfirmed, "sample"],
  [walPinned, "sample"],
  [ackDue, "own"],
  [unknown, "own"],
];

/**
 * Why a slot is not advancing, in words: the first cause that holds, with its numbers, and what to do. Pure. A lost,
 * missing or foreign slot comes first, then what is on our side, then what is on the server's, then good news. What
 * rests on a look at the server that is older than three intervals says so, and is `waiting` at most.
 */
export function explain(facts: ExplainFacts): Answer {
  for (const [cause, basis] of causes) {
    const answer = cause(facts);
    if (answer !== undefined) return aged(answer, basis, facts);
  }
  return aged(goodNews(facts), "sample", facts);
}

function aged(answer: Answer, basis: Basis, { nowMs, verdictMs, sampled, sampler }: ExplainFacts): Answer {
  if (basis === "own" || sampler.type === "off") return answer;
  const ageMs = nowMs - (basis === "verdict" ? verdictMs : (sampled?.atMs ?? nowMs));
  if (ageMs <= STALE_INTERVALS * sampler.intervalMs) return answer;
  const tone = answer.tone === "fine" ? "fine" : "waiting";
  return { ...answer, tone, sentence: `As of ${ago(ageMs)}: ${answer.sentence}` };
}
