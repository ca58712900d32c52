import { createReplicationSlot, formatLsn, type Lsn, quoteIdentifier } from "@trunkline/protocol";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { SubscriptionError } from "../errors/subscription-error.ts";
import { decideOwnership, type Ownership } from "../ownership/decide-ownership.ts";
import { endHoldersSql } from "../ownership/slot-lock.ts";
import { judgeSlot, type SlotVerdict } from "../slot/slot-verdict.ts";
import type { Found } from "./replication-session.ts";

/** What is judged against. */
export interface Wanted {
  readonly slot: string;
  readonly publications: readonly string[];
  readonly ownership: Ownership;
  /** Whether this process has had the slot since it was started. */
  readonly ownedBefore: boolean;
  /** Whether a slot that doesn't exist may be made: nothing was ever read from it. */
  readonly create: boolean;
  /** Whether the slot goes with its session. */
  readonly temporary: boolean;
  /** Whether standbys are to keep a copy of a slot that is made. */
  readonly failover: boolean;
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
  const { system, history, ownPid } = found;
  const checkpoint = wanted.position;
  const facts = { system, slot: found.slot, checkpoint, ownPid, ...(history === undefined ? {} : { history }) };
  const verdict = judgeSlot(facts);
  if (verdict.type === "otherSystem" || verdict.type === "behind") return refuse(verdict, wanted);
  const others = waitForOthers(found, wanted);
  if (others !== undefined) return others;
  const absent = wanted.publications.filter((name) => !found.publications.includes(name));
  if (absent.length > 0) {
    const names = absent.map((name) => quoteIdentifier(name)).join(", ");
    return { type: "stop", error: new SubscriptionError("publication_missing", `There is no publication ${names}.`) };
  }
  switch (verdict.type) {
    case "ok":
      if (wanted.temporary && found.slot?.temporary !== true) {
        const error = new SubscriptionError("slot_unsuitable", `Slot ${wanted.slot} is not temporary.`);
        return { type: "stop", error };
      }
      return { type: "resume", confirmed: verdict.confirmed };
    case "inUse":
      return { type: "standBy" };
    case "missing":
      if (wanted.create && verdict.because === "absent") {
        const { slot, temporary, failover } = wanted;
        return { type: "run", sql: createReplicationSlot({ slot, temporary, failover, snapshot: "nothing" }) };
      }
      return refuse(verdict, wanted);
    case "lost":
      return refuse(verdict, wanted);
  }
}

/** What follows while another has the lock or the slot; `undefined`: they are ours. */
function waitForOthers(found: Found, { slot, ownership, ownedBefore }: Wanted): Judged | undefined {
  const { locked, ownPid, holders } = found;
  const decision = decideOwnership({ ownership, locked, ownPid, holders, ownedBefore });
  switch (decision.type) {
    case "own":
      return undefined;
    case "wait":
      return { type: "standBy" };
    case "takeOver":
      return { type: "run", sql: endHoldersSql(slot, decision.pids) };
    case "fail": {
      const error = new SubscriptionError(
        "owned_elsewhere",
        `Slot ${slot} is held by process ${decision.pids.join(", ")}.`,
      );
      return { type: "stop", error };
    }
  }
}

/** @see SlotVerdict */
function refuse(verdict: Refused, wanted: Wanted): Judged {
  return { type: "stop", error: refusal(verdict, wanted) };
}

type Refused = Exclude<SlotVerdict, { type: "ok" | "inUse" }>;

function refusal(verdict: Refused, { slot, temporary }: Wanted): SubscriptionError {
  switch (verdict.type) {
    case "missing":
      if (temporary)
        return new SubscriptionError("temporary_slot_gone", `There is no temporary slot ${slot} any more.`);
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
