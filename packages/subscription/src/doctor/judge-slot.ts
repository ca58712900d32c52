import { quoteIdentifier, quoteLiteral } from "@trunkline/protocol";
import type { SlotRow } from "../slot/slot-facts.ts";
import type { Facts } from "./facts.ts";
import { type Finding, missing, warning } from "./finding.ts";

/** What is the matter with the slot, if it exists. `publications`: those that the stream names. */
export function* judgeSlotFor({ slot, server, publications }: Facts, named: readonly string[]): Iterable<Finding> {
  if (slot === undefined) return;
  const drop = [`SELECT pg_drop_replication_slot(${quoteLiteral(slot.name)})`];
  const wrong = unsuitable(slot, server.database);
  if (wrong !== undefined) {
    yield missing("slot_unsuitable", `Slot ${slot.name} ${wrong}.`, [], "Choose another name for the slot.");
    return;
  }
  if (slot.walStatus === "lost" || slot.invalidationReason !== null || slot.conflicting === true) {
    const reason = slot.invalidationReason === null ? "" : ` (${slot.invalidationReason})`;
    const what = `Slot ${slot.name} is lost${reason}: the server removed WAL or rows it needed.`;
    yield missing("slot_lost", what, drop, "Take a new snapshot: the changes since then can't be decoded any more.");
  }
  if (slot.twoPhase) {
    const what = `Slot ${slot.name} was made with two_phase: prepared transactions come at PREPARE, which is not read here.`;
    yield missing(
      "slot_two_phase",
      what,
      drop,
      "Let the subscription create it anew; what is not confirmed yet comes no more.",
    );
  }
  const absent = named.filter((name) => !publications.some((publication) => publication.name === name));
  if (absent.length > 0) {
    const then =
      server.version >= 18
        ? "the server skips the changes made until the publication exists, and says so in a notice only"
        : "decoding fails at the first change made before the publication existed, on each start";
    yield missing(
      "slot_before_publication",
      `Slot ${slot.name} exists and publication ${absent.join(", ")} does not: ${then}.`,
      drop,
      "Create the publication first, then the slot, and take a new snapshot if the slot was in use.",
    );
  }
}

/** What stands in the way of a slot that standbys keep a copy of. */
export function* judgeFailover({ slot, server }: Facts): Iterable<Finding> {
  if (server.version < 17) {
    const what = `A slot that standbys keep (failover) needs PostgreSQL 17; this is ${server.version}.`;
    yield missing("slot_failover_unsupported", what, [], "Leave failover out, or upgrade the server.");
  } else if (slot !== undefined && slot.failover !== true) {
    const what = `Slot ${slot.name} was made without failover: after a failover it is missing on the new primary.`;
    const command = `ALTER_REPLICATION_SLOT ${quoteIdentifier(slot.name)} (FAILOVER true)`;
    yield warning("slot_not_failover", what, [], `While nobody reads it, run on a replication connection: ${command}`);
  }
}

function unsuitable({ type, plugin, database, temporary }: SlotRow, own: string): string | undefined {
  if (type !== "logical") return "is a physical one";
  if (plugin !== "pgoutput") return `is made for the plugin ${plugin ?? "?"}`;
  if (database !== own) return `belongs to database ${database ?? "?"}, not to ${own}`;
  return temporary ? "is temporary and belongs to another session" : undefined;
}
