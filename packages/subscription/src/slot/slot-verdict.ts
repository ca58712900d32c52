import type { Lsn } from "@trunkline/protocol";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { SlotRow, SystemIdentity, TimelineEnd } from "./slot-facts.ts";

/** Why there is no slot for us: none of this name, or one that is not ours to use. */
export type MissingBecause = "absent" | "other_database" | "other_plugin" | "physical";

/** Why a slot is lost, in the words of `invalidation_reason`; before PostgreSQL 17 some causes look alike. */
export type LostBecause = "wal_removed" | "rows_removed" | "wal_level_insufficient" | "idle_timeout" | (string & {});

/** Whether the stream can go on from our position, and if not, why. */
export type SlotVerdict =
  /** `confirmed`: where the server resumes by itself. */
  | { readonly type: "ok"; readonly confirmed: Lsn }
  /** Somebody else holds it, or it is still being created. */
  | { readonly type: "inUse"; readonly pid: number | null }
  | { readonly type: "missing"; readonly because: MissingBecause }
  | { readonly type: "lost"; readonly because: LostBecause }
  /** The server's WAL ends before our position: it was restored from a backup. Starting there would skip in silence. */
  | { readonly type: "behind"; readonly walEnd: Lsn; readonly ours: Lsn }
  /** Another cluster, or one whose history left ours before our position. */
  | {
      readonly type: "otherSystem";
      readonly server: { readonly systemId: string; readonly timeline: number };
      readonly ours: { readonly systemId: string; readonly timeline: number };
    };

/** What a verdict rests on. */
export interface VerdictFacts {
  readonly system: SystemIdentity;
  /** `undefined`: no slot of the name. */
  readonly slot: SlotRow | undefined;
  /** The sink's own position, or the one of this process before a reconnect; `undefined` when there is none. */
  readonly checkpoint: Checkpoint | undefined;
  /** The earlier timelines of the server; needed only when the checkpoint's timeline is not the server's. */
  readonly history?: readonly TimelineEnd[];
  /** The backend of our own stream, which may hold the slot. */
  readonly ownPid?: number;
}

/**
 * Judges a slot. What makes the position meaningless comes first: nothing may be acknowledged to a server that did not
 * write it, since that server would believe it.
 *
 * A checkpoint that is *before* the confirmed position is no fault: while nothing is published a slot moves on, and no
 * checkpoint is saved for it.
 */
export function judgeSlot(facts: VerdictFacts): SlotVerdict {
  return judgePosition(facts) ?? judgeRow(facts);
}

function judgePosition({ system, checkpoint, history }: VerdictFacts): SlotVerdict | undefined {
  if (checkpoint === undefined) return undefined;
  if (checkpoint.systemId !== system.systemId || !onHistory(checkpoint, system, history)) {
    const { systemId, timeline } = checkpoint;
    const server = { systemId: system.systemId, timeline: system.timeline };
    return { type: "otherSystem", server, ours: { systemId, timeline } };
  }
  if (checkpoint.lsn > system.walEnd) return { type: "behind", walEnd: system.walEnd, ours: checkpoint.lsn };
  return undefined;
}

/** Whether the server's history contains the position: on its own timeline, or on an earlier one before it was left. */
function onHistory({ timeline, lsn }: Checkpoint, system: SystemIdentity, history: VerdictFacts["history"]): boolean {
  if (timeline === system.timeline) return true;
  if (timeline > system.timeline) return false;
  if (history === undefined) return true; // a later timeline, and nobody asked where it branched off
  const left = history.find((entry) => entry.timeline === timeline);
  return left !== undefined && lsn <= left.end;
}

function judgeRow({ system, slot, ownPid }: VerdictFacts): SlotVerdict {
  if (slot === undefined) return { type: "missing", because: "absent" };
  if (slot.type === "physical") return { type: "missing", because: "physical" };
  if (slot.database !== system.database && system.database !== null) {
    return { type: "missing", because: "other_database" };
  }
  if (slot.plugin !== "pgoutput") return { type: "missing", because: "other_plugin" };
  const lost = lostBecause(slot);
  if (lost !== undefined) return { type: "lost", because: lost };
  if (slot.active && slot.activePid !== (ownPid ?? null)) return { type: "inUse", pid: slot.activePid };
  if (slot.confirmedFlushLsn === null) return { type: "inUse", pid: slot.activePid };
  return { type: "ok", confirmed: slot.confirmedFlushLsn };
}

function lostBecause({ invalidationReason, conflicting, walStatus }: SlotRow): LostBecause | undefined {
  if (invalidationReason !== null) return invalidationReason;
  if (conflicting === true) return "rows_removed";
  return walStatus === "lost" ? "wal_removed" : undefined;
}
