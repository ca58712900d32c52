import type { Answer } from "./answer.ts";
import type { ExplainFacts } from "./facts.ts";
import { fromTrouble } from "./from-connection.ts";
import { fromHandler } from "./from-handler.ts";
import { fromServer } from "./from-server.ts";
import { fromSlot } from "./from-slot.ts";
import { ago, bytes } from "./words.ts";

/** Facts that are older than this many intervals are told as what they are. */
const STALE_INTERVALS = 3;

/**
 * Why a slot is not advancing, in words: the first cause that holds, with its numbers, and what to do. Pure. A lost,
 * missing or foreign slot comes first, then what is on our side, then what is on the server's, then good news.
 */
export function explain(facts: ExplainFacts): Answer {
  const answer = fromSlot(facts) ?? fromTrouble(facts) ?? fromHandler(facts) ?? fromServer(facts) ?? goodNews(facts);
  const ageMs = facts.nowMs - facts.sampled.atMs;
  if (ageMs <= STALE_INTERVALS * facts.sampled.intervalMs) return answer;
  const tone = answer.tone === "fine" ? "fine" : "waiting";
  return { ...answer, tone, sentence: `As of ${ago(ageMs)}: ${answer.sentence}` };
}

function goodNews({ nowMs, durable, acked, nextAckMs, received, sampled, lastChangeMs, trend }: ExplainFacts): Answer {
  if (durable > acked) {
    const within = Math.max(1, Math.ceil((nextAckMs - nowMs) / 1000));
    const sentence = `Everything is handled; the next acknowledgement is due within ${within} s.`;
    return { code: "ack_due", tone: "fine", sentence };
  }
  if (received >= sampled.walEnd) {
    const last =
      lastChangeMs === undefined ? "No change has come yet." : `The last change came ${ago(nowMs - lastChangeMs)}.`;
    return { code: "idle", tone: "fine", sentence: `Up to date. ${last}` };
  }
  const sentence = `Yes. It is ${bytes(sampled.walEnd - received)} behind and ${trend}.`;
  return { code: "advancing", tone: "fine", sentence };
}
