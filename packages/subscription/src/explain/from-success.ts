import type { Answer } from "./answer.ts";
import type { ExplainFacts } from "./facts.ts";
import { ago, bytes, duration } from "./words.ts";

/** All is handled, and not reported yet. */
export function ackDue({ nowMs, durable, acked, nextAckMs }: ExplainFacts): Answer | undefined {
  if (durable === undefined || acked === undefined || durable <= acked) return undefined;
  const within = Math.max(1, Math.ceil((nextAckMs - nowMs) / 1000));
  const sentence = `Everything is handled; the next acknowledgement is due within ${within} s.`;
  return { code: "ack_due", tone: "fine", sentence };
}

/** Nothing is known of the server yet. */
export function unknown({ sampled, received, sampler, nowMs }: ExplainFacts): Answer | undefined {
  if (sampled !== undefined && received !== undefined) return undefined;
  const code = "unknown";
  if (sampler.type === "off") {
    return { code, tone: "waiting", sentence: "The server is not asked: health is false.", todo: "Leave health out." };
  }
  if (sampler.error !== undefined) {
    const sentence = `No facts yet: the server could not be asked (${sampler.error}).`;
    return { code, tone: "waiting", sentence, todo: "See that it accepts one more connection of this role." };
  }
  const sentence =
    sampled === undefined
      ? `No facts yet. First sample in ${duration(sampler.nextMs - nowMs)}.`
      : "No facts yet: the first stream is on its way.";
  return { code, tone: "waiting", sentence };
}

/** Nothing is wrong. */
export function goodNews({ nowMs, received, sampled, lastChangeMs, trend }: ExplainFacts): Answer {
  const behind = sampled === undefined || received === undefined ? 0n : sampled.walEnd - received;
  if (behind <= 0n) {
    const last =
      lastChangeMs === undefined ? "No change has come yet." : `The last change came ${ago(nowMs - lastChangeMs)}.`;
    return { code: "idle", tone: "fine", sentence: `Up to date. ${last}` };
  }
  return { code: "advancing", tone: "fine", sentence: `Yes. It is ${bytes(behind)} behind and ${trend}.` };
}
