import { unreachable } from "@trunkline/process";
import type { LockHolder, SlotHolders } from "./slot-lock.ts";

/** What one of several instances does while another has the slot: wait its turn, end the other, or end itself. */
export type Ownership = "standby" | "takeover" | "fail";

/** What is decided on. */
export interface OwnershipFacts {
  readonly ownership: Ownership;
  /** Whether this session has the lock. */
  readonly locked: boolean;
  /** Our own backend. */
  readonly ownPid: number;
  readonly holders: SlotHolders;
  /** Whether this process has had the lock since it was started. */
  readonly ownedBefore: boolean;
}

/** What follows. */
export type OwnershipDecision =
  | { readonly type: "own" }
  /** Ask again after `pollDelayMs`. `holder`: who has the lock; `undefined`: who has the slot does not use the lock. */
  | { readonly type: "wait"; readonly holder: LockHolder | undefined }
  /** End these backends, then ask again. */
  | { readonly type: "takeOver"; readonly pids: readonly number[] }
  | { readonly type: "fail"; readonly pids: readonly number[] };

/**
 * Whether to stream, wait, take over or give up; pure.
 *
 * A process takes over once in its life, before it has owned the slot. After that the other one is a newer instance that
 * took over from us, and ending it in turn would go on for ever: so we wait. In the same way what holds the slot after
 * our own connection broke may be our own old backend, which is no reason to fail.
 */
export function decideOwnership(facts: OwnershipFacts): OwnershipDecision {
  const { ownership, locked, ownPid, holders, ownedBefore } = facts;
  const { lock, slotPid } = holders;
  const others = [...new Set([lock?.pid, slotPid])].filter((pid) => pid !== undefined && pid !== ownPid);
  const pids = others.flatMap((pid) => pid ?? []);
  if (pids.length === 0) return locked ? { type: "own" } : { type: "wait", holder: undefined };
  const wait: OwnershipDecision = { type: "wait", holder: lock?.pid === ownPid ? undefined : lock };
  switch (ownership) {
    case "standby":
      return wait;
    case "takeover":
      return ownedBefore ? wait : { type: "takeOver", pids };
    case "fail":
      return ownedBefore ? wait : { type: "fail", pids };
    default:
      return unreachable(ownership);
  }
}

/**
 * How long to wait between two attempts at the lock: 500 to 1,000 ms, so that a standby takes over within 2 s of the end
 * of the owner's session, and several of them do not ask in step. `random`: from 0 up to 1.
 */
export const pollDelayMs = (random: number): number => Math.round(500 + 500 * random);
