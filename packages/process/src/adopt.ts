import type { AnyActorRef } from "xstate";
import { noproc, normal, shutdown } from "./exit-reason.ts";
import { reasonOfThrown } from "./exit-signal.ts";
import { finish } from "./finish.ts";
import { isActorRef } from "./is-actor-ref.ts";
import { Mailbox } from "./mailbox.ts";
import { freshRecord, keepRecord, type ProcessRecord, recordOf } from "./record.ts";
import { defaultRuntime } from "./runtime.ts";

/**
 * The record of any actor. One that was not started through this library is watched from now on: it can be linked,
 * monitored and killed. If it has ended already it counts as `noproc`. (XState keeps the status of a stopped
 * `fromTransition` actor at `active`: one that was stopped before it was first seen here counts as alive.)
 * @throws TypeError when it is no actor
 */
export function processOf(ref: AnyActorRef): ProcessRecord {
  const known = recordOf(ref);
  if (known !== undefined) return known;
  if (!isActorRef(ref))
    throw new TypeError("This is no actor: pass the ref that a start resolved with, or createActor's.");
  const parent = ref._parent === undefined ? undefined : recordOf(ref._parent);
  const record = freshRecord(ref, parent, parent?.runtime ?? defaultRuntime, false, new Mailbox(undefined));
  keepRecord(record);
  const snapshot: { readonly status?: unknown } | undefined = ref.getSnapshot();
  if (snapshot?.status !== undefined && snapshot.status !== "active") record.life = { type: "exited", reason: noproc };
  else watch(record);
  return record;
}

/** Turns the end of the actor, as XState tells it, into the end of the process. */
export function watch(record: ProcessRecord): void {
  const { ref } = record;
  ref.subscribe({
    error: (error: unknown) => {
      expectEndOfChild(record);
      finish(record, reasonOfThrown(error), "actor");
    },
    complete: () => {
      const snapshot: { readonly status?: unknown } | undefined = ref.getSnapshot();
      const done = snapshot?.status === "done";
      if (done) expectEndOfChild(record);
      // Asked to stop, and done: it ends with the reason it was asked for.
      if (record.life.type === "stopping") finish(record, record.life.reason, "actor");
      else finish(record, done ? normal : shutdown(), "actor");
    },
  });
}

function expectEndOfChild(record: ProcessRecord): void {
  const { parent, ref } = record;
  if (!record.owned || parent === undefined || !parent.owned) return;
  parent.endedChildren ??= new Map();
  parent.endedChildren.set(ref.id, (parent.endedChildren.get(ref.id) ?? 0) + 1);
}
