import type { AnyActorRef } from "xstate";
import { processOf } from "./adopt.ts";
import { deliverLater } from "./delivery.ts";
import { noproc } from "./exit-reason.ts";
import { receiveExit } from "./finish.ts";
import { isAlive, type ProcessRecord } from "./record.ts";

/**
 * Ties two processes together: when one ends, the other gets an exit signal with the same reason. It ends too unless it
 * traps exits or the reason is `normal`. Symmetric; a second link changes nothing. Linking to a process that has ended
 * sends `self` the signal `noproc`.
 * @see https://www.erlang.org/doc/system/ref_man_processes.html#links
 */
export function link(self: AnyActorRef, other: AnyActorRef): void {
  linkRecords(processOf(self), processOf(other));
}

/** Unties them: no signal of a later end arrives. One that is in the mailbox already stays. */
export function unlink(self: AnyActorRef, other: AnyActorRef): void {
  const own = processOf(self);
  const peer = processOf(other);
  own.links?.delete(peer);
  peer.links?.delete(own);
}

/** `link`, between records. */
export function linkRecords(own: ProcessRecord, peer: ProcessRecord): void {
  if (own === peer || !isAlive(own)) return;
  if (!isAlive(peer)) {
    if (own.links?.has(peer)) return; // its signal is on its way
    deliverLater(own, () => receiveExit(own, peer.ref, noproc));
    return;
  }
  own.links ??= new Set();
  peer.links ??= new Set();
  own.links.add(peer);
  peer.links.add(own);
}
