import type { Plot, ProcessMetadata } from "@trunkline/process";
import { unixMicrosFromClock } from "@trunkline/protocol";
import { Rate } from "@trunkline/replication";
import type { AnyActorRef } from "xstate";
import { explain } from "../explain/explain.ts";
import type { ExplainFacts } from "../explain/facts.ts";
import { heldGapOf, ladderOf } from "../explain/ladder.ts";
import { difference } from "../health/wal-budget.ts";
import type { Intake } from "./intake.ts";

/** What a subscription looks at itself by. */
export interface MetadataSources {
  readonly facts: ExplainFacts;
  readonly intake: Intake | undefined;
  /** Its session, while there is one. */
  readonly session: AnyActorRef | undefined;
}

/** Makes what a subscription tells of itself: no row, no option, no password. */
export class SubscriptionMetadata {
  readonly #received = new Rate();
  readonly #handled = new Rate();

  of({ facts, intake, session }: MetadataSources): ProcessMetadata {
    const { nowMs } = facts;
    const offsetMs = Date.now() - nowMs;
    const wallMs = (ms: number): number => Math.round(ms + offsetMs);
    const { code, tone, sentence, because, todo } = explain(facts);
    const heldGap = heldGapOf(facts, code);
    return {
      kind: "subscription",
      ...(session === undefined ? {} : { of: session }),
      answer: {
        code,
        tone,
        question: tone === "fine" ? "Is my slot advancing?" : "Why isn’t my slot advancing?",
        sentence,
        ...(because === undefined ? {} : { because }),
        ...(todo === undefined ? {} : { todo }),
        atMs: wallMs(facts.sampled?.atMs ?? nowMs),
        ...(heldGap === undefined ? {} : { heldGap }),
      },
      ladder: ladderOf(facts, wallMs),
      plots: this.#plots(facts, intake),
    };
  }

  #plots(facts: ExplainFacts, intake: Intake | undefined): readonly Plot[] {
    const { nowMs, durable, received, sampled } = facts;
    const counts = intake?.counts ?? { received: 0, handled: 0 };
    const walEnd = sampled === undefined || (received ?? 0n) > sampled.walEnd ? received : sampled.walEnd;
    const lagBytes = walEnd === undefined || durable === undefined ? undefined : Number(difference(walEnd, durable));
    return [
      {
        key: "changes",
        title: "Changes/s",
        unit: "changes/s",
        series: [
          { key: "in", label: "in", value: this.#received.at(counts.received, nowMs) },
          { key: "durable", label: "durable", value: this.#handled.at(counts.handled, nowMs) },
        ],
      },
      {
        key: "lagBytes",
        title: "Lag in bytes",
        unit: "bytes",
        series: [{ key: "lag", label: "lag", value: lagBytes }],
      },
      {
        key: "lagSeconds",
        title: "Lag in seconds",
        unit: "s",
        series: [{ key: "lag", label: "lag", value: lagSeconds(facts, intake) }],
      },
    ];
  }
}

/** The age of the oldest transaction that has come and is not handled, by the server's clock and ours. */
function lagSeconds({ connection, handler }: ExplainFacts, intake: Intake | undefined): number | undefined {
  const oldest = intake?.oldest;
  if (oldest !== undefined)
    return Math.max(0, Date.now() - Number(unixMicrosFromClock(oldest.commitClock)) / 1000) / 1000;
  return connection.type === "streaming" && handler.unfinished === 0 ? 0 : undefined;
}
