import { unreachable } from "@trunkline/process";
import { formatLsn } from "@trunkline/protocol";
import type { Answer } from "./answer.ts";
import type { ExplainFacts } from "./facts.ts";
import { bytes } from "./words.ts";

/** A slot that can't be gone on with. `inUse` is told later, when our lock is known. */
export function fromSlot(facts: ExplainFacts): Answer | undefined {
  const { verdict, slot, host, maxSlotWalKeepBytes } = facts;
  if (verdict === undefined) return undefined;
  const durable = facts.durable === undefined ? "the last acknowledgement" : formatLsn(facts.durable);
  switch (verdict.type) {
    case "ok":
    case "inUse":
      return undefined;
    case "lost": {
      const size = maxSlotWalKeepBytes === undefined ? "-1" : bytes(maxSlotWalKeepBytes);
      return {
        code: "slot_lost",
        tone: "broken",
        sentence: `Slot ${slot} is lost: Postgres removed WAL it needed (${verdict.because}).`,
        todo: `Drop it, take a new snapshot, raise max_slot_wal_keep_size (now ${size}). Changes after ${durable} must be copied again.`,
      };
    }
    case "missing":
      return {
        code: "slot_missing",
        tone: "broken",
        sentence: `Slot ${slot} does not exist on ${host}.`,
        todo: `Dropped, or the wrong server? A new slot starts now and leaves a gap after ${durable}: choose recreateWithGap or resnapshot.`,
      };
    case "otherSystem":
      return {
        code: "other_system",
        tone: "broken",
        sentence: `This is not the server the position came from (system ${verdict.server.systemId}, expected ${verdict.ours.systemId}).`,
        todo: "Check the connection string, or resnapshot. Nothing was acknowledged here.",
      };
    case "behind":
      return {
        code: "server_behind",
        tone: "broken",
        sentence: `The server’s WAL ends at ${formatLsn(verdict.walEnd)}, before our position ${formatLsn(verdict.ours)}: it was restored from a backup.`,
        todo: "Restore the sink to match, or resnapshot. Nothing was acknowledged here.",
      };
    default:
      return unreachable(verdict);
  }
}
