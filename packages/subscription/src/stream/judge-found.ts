import { createReplicationSlot, formatLsn, type Lsn, quoteIdentifier } from "@trunkline/protocol";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { SubscriptionError } from "../errors/subscription-error.ts";
import { judgeSlot, type SlotVerdict } from "../slot/slot-verdict.ts";
import { takeOverSql } from "./look.ts";
import type { Found } from "./replication-session.ts";

/** What is judged against. */
export interface Wanted {
  readonly slot: string;
  readonly publications: readonly string[];
  readonly ownership: "standby" | "takeover" | "fail";
  /** Whether a slot that doesn't exist may be made: nothing was ever read from it. */
  readonly create: boolean;
  readonly position: Checkpoint | undefined;
}

/** What follows. */
export type Judged =
  | { readonly type: "resume"; readonly confirmed: Lsn }
  | { readonly type: "run"; readonly sql: string }
  | { readonly type: "standBy" }
  | { readonly type: "stop"; readonly error: SubscriptionError };

/** Decides, before each stream, whether and how it can start; pure. */
export function judgeFound(found: Found, wanted: Wanted): Judged {
  const { system, history } = found;
  const checkpoint = wanted.position;
  const facts = { system, slot: found.slot, checkpoint, ...(history === undefined ? {} : { history }) };
  const verdict = judgeSlot(facts);
  if (verdict.type === "otherSystem" || verdict.type === "behind") return refuse(verdict, wanted);
  if (!found.locked) return owned(found, wanted);
  const absent = wanted.publications.filter((name) => !found.publications.includes(name));
  if (absent.length > 0) {
    const names = absent.map((name) => quoteIdentifier(name)).join(", ");
    return { type: "stop", error: new SubscriptionError("publication_missing", `There is no publication ${names}.`) };
  }
  switch (verdict.type) {
    case "ok":
      return { type: "resume", confirmed: verdict.confirmed };
    case "inUse":
      return owned(found, wanted);
    case "missing":
      if (wanted.create && verdict.because === "absent") {
        return { type: "run", sql: createReplicationSlot({ slot: wanted.slot, snapshot: "nothing" }) };
      }
      return refuse(verdict, wanted);
    case "lost":
      return refuse(verdict, wanted);
  }
}

function owned({ slot }: Found, wanted: Wanted): Judged {
  const pid = slot?.activePid ?? null;
  const holder = pid === null ? "another session" : `process ${pid}`;
  switch (wanted.ownership) {
    case "standby":
      return { type: "standBy" };
    case "takeover":
      return { type: "run", sql: takeOverSql(wanted.slot) };
    case "fail":
      return {
        type: "stop",
        error: new SubscriptionError("owned_elsewhere", `Slot ${wanted.slot} is held by ${holder}.`),
      };
  }
}

/** @see SlotVerdict */
function refuse(verdict: Exclude<SlotVerdict, { type: "ok" | "inUse" }>, { slot }: Wanted): Judged {
  return { type: "stop", error: refusal(verdict, slot) };
}

function refusal(verdict: Exclude<SlotVerdict, { type: "ok" | "inUse" }>, slot: string): SubscriptionError {
  switch (verdict.type) {
    case "missing":
      return verdict.because === "absent"
        ? new SubscriptionError("slot_missing", `There is no slot ${slot}.`)
        : new SubscriptionError("slot_unsuitable", `Slot ${slot} can't be used (${verdict.because}).`);
    case "lost":
      return new SubscriptionError("slot_lost", `Slot ${slot} is lost (${verdict.because}).`);
    case "behind":
      return new SubscriptionError(
        "server_behind",
        `The server's WAL ends at ${formatLsn(verdict.walEnd)}, before our ${formatLsn(verdict.ours)}.`,
      );
    case "otherSystem": {
      const { server, ours } = verdict;
      return new SubscriptionError(
        "other_system",
        `This is system ${server.systemId} on timeline ${server.timeline}; our position is of ${ours.systemId} on ${ours.timeline}.`,
      );
    }
  }
}
