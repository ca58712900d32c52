import type { Gap, Kept, Ladder, Rung } from "@trunkline/process";
import { formatLsn, type Lsn, laterLsn } from "@trunkline/protocol";
import { difference, type WalBudget } from "../health/wal-budget.ts";
import type { AnswerCode } from "./answer.ts";
import type { ExplainFacts, SampledFacts } from "./facts.ts";

/** The rungs, from the furthest position to the one that is forgotten next. `below`: what lies under it. */
interface Step {
  readonly key: RungKey;
  readonly label: string;
  readonly gloss: string;
  readonly side: Rung["side"];
  readonly at: (facts: ExplainFacts) => Lsn | undefined;
  readonly below: (facts: ExplainFacts) => string;
}

/** A position in the life of a change. */
export type RungKey = "walEnd" | "sent" | "received" | "dispatched" | "durable" | "acked" | "confirmed" | "restart";

const steps: readonly Step[] = [
  {
    key: "walEnd",
    label: "WAL end",
    gloss: "on the server",
    side: "server",
    at: ({ sampled, received }) => furthest(sampled?.walEnd, received),
    below: ({ sampled, connection }) => (sampled?.sent !== undefined ? "to be decoded" : onTheWay(connection)),
  },
  {
    key: "sent",
    label: "sent",
    gloss: "decoded and sent, or passed over",
    side: "server",
    at: ({ sampled, received }) => furthest(sampled?.sent, received),
    below: ({ connection }) => onTheWay(connection),
  },
  {
    key: "received",
    label: "received",
    gloss: "arrived here",
    side: "here",
    at: ({ received }) => received,
    below: () => "queued in this process",
  },
  {
    key: "dispatched",
    label: "dispatched",
    gloss: "handed over",
    side: "here",
    at: ({ dispatched }) => dispatched,
    below: ({ handler }) =>
      handler.oldestOpen === undefined ? "in your handler" : `in your handler, 1 of ${handler.unfinished} open`,
  },
  {
    key: "durable",
    label: "durable",
    gloss: "handled in order",
    side: "here",
    at: ({ durable }) => durable,
    below: () => "to acknowledge",
  },
  {
    key: "acked",
    label: "acked",
    gloss: "reported back",
    side: "here",
    at: ({ acked }) => acked,
    below: () => "to be confirmed",
  },
  {
    key: "confirmed",
    label: "confirmed_flush",
    gloss: "agreed",
    side: "server",
    at: ({ sampled }) => sampled?.confirmed ?? undefined,
    below: () => "kept so the slot can restart",
  },
  {
    key: "restart",
    label: "restart_lsn",
    gloss: "oldest kept",
    side: "server",
    at: ({ sampled }) => sampled?.restart ?? undefined,
    below: () => "",
  },
];

/** Where things are held up, for each cause: the gap below this rung. */
const heldBelow: Readonly<Record<AnswerCode, RungKey | undefined>> = {
  slot_lost: undefined,
  slot_missing: undefined,
  other_system: undefined,
  server_behind: undefined,
  login_refused: "walEnd",
  gave_up: "walEnd",
  unreachable: "walEnd",
  standby: "walEnd",
  in_use: "walEnd",
  suspended: "walEnd",
  paused: "received",
  copying: undefined,
  handler_failing: "dispatched",
  handler_busy: "dispatched",
  handler_slow: "received",
  open_transaction: "walEnd",
  silent: "walEnd",
  decoding: "walEnd",
  not_confirmed: "acked",
  wal_pinned: "confirmed",
  ack_due: undefined,
  unknown: undefined,
  idle: undefined,
  advancing: undefined,
};

/**
 * Where the bytes are: each position with what lies below it. `sent` is left out while no walsender runs.
 * @param wallMs turns a moment of the process' clock into Unix milliseconds
 */
export function ladderOf(facts: ExplainFacts, wallMs: (ms: number) => number): Ladder {
  const shown = stepsOf(facts);
  const rungs = shown.map(({ key, label, gloss, side, at }): Rung => {
    const position = at(facts);
    const text = position === undefined ? undefined : formatLsn(position);
    return { key, label, gloss, side, position: text, atMs: wallMs(learntMs(facts, side, position)) };
  });
  const gaps = shown.slice(0, -1).map((step, index): Gap => {
    const [upper, lower] = [step.at(facts), shown[index + 1]?.at(facts)];
    const bytes = upper === undefined || lower === undefined ? undefined : Number(difference(upper, lower));
    return { bytes, text: step.below(facts) };
  });
  const kept = keptOf(facts.budget);
  return { rungs, gaps, ...(kept === undefined ? {} : { kept }) };
}

/** The index of the gap in which this cause holds things up; `undefined` when it is in none. */
export function heldGapOf(facts: ExplainFacts, code: AnswerCode): number | undefined {
  const index = stepsOf(facts).findIndex(({ key }) => key === heldBelow[code]);
  return index === -1 ? undefined : index;
}

const stepsOf = ({ sampled }: ExplainFacts): readonly Step[] =>
  sampled?.sent === undefined ? steps.filter(({ key }) => key !== "sent") : steps;

const onTheWay = (connection: ExplainFacts["connection"]): string =>
  connection.type === "streaming" ? "on the wire" : "waiting in the slot";

/** What has come here was on the server before, even where the last sample is older. */
function furthest(sampled: Lsn | undefined, received: Lsn | undefined): Lsn | undefined {
  if (sampled === undefined || received === undefined) return sampled;
  return laterLsn(sampled, received);
}

function learntMs({ nowMs, sampled }: ExplainFacts, side: Rung["side"], position: Lsn | undefined): number {
  if (side === "here" || sampled === undefined) return nowMs;
  return position === undefined || isSampled(sampled, position) ? sampled.atMs : nowMs;
}

const isSampled = ({ walEnd, sent, confirmed, restart }: SampledFacts, position: Lsn): boolean =>
  [walEnd, sent, confirmed, restart].includes(position);

function keptOf(budget: WalBudget): Kept | undefined {
  switch (budget.type) {
    case "unknown":
    case "lost":
      return undefined;
    case "unlimited":
      return { bytes: Number(budget.keptBytes), maxBytes: undefined, bytesPerSecond: 0, fullInMs: undefined };
    case "limited":
      return {
        bytes: Number(budget.keptBytes),
        maxBytes: Number(budget.limitBytes),
        bytesPerSecond: budget.burnBytesPerSecond,
        fullInMs: budget.fullInMs,
      };
  }
}
