import type { AnyActorRef } from "xstate";
import { exited } from "./exit.ts";
import { crashed, killed } from "./exit-reason.ts";
import { finish } from "./finish.ts";
import { exitReasonOf, type ProcessRecord } from "./record.ts";
import { exitedBeforeReady, StartError } from "./start-error.ts";
import type { Ready } from "./start-spec.ts";

/**
 * Resolves with a process when it is ready.
 * @throws StartError (as a rejection) `exited` when it ends before, `failed` when the ready check throws
 */
export function acknowledged(record: ProcessRecord, ready: Ready, label: string): Promise<AnyActorRef> {
  return new Promise((resolve, reject) => {
    const { ref } = record;
    const before = exitReasonOf(record);
    if (before !== undefined) {
      reject(exitedBeforeReady(label, before));
      return;
    }
    void exited(ref).then((reason) => reject(exitedBeforeReady(label, reason)));
    if (typeof ready === "object") {
      const listening = ref.on(ready.emitted, () => {
        listening.unsubscribe();
        resolve(ref);
      });
      return;
    }
    const isReady = typeof ready === "string" ? hasTag(ready) : ready;
    const check = (snapshot: unknown): boolean => {
      try {
        if (!isReady(snapshot)) return false;
        resolve(ref);
      } catch (error) {
        discard(record);
        reject(new StartError("failed", `The ready check of ${label} threw.`, { reason: crashed(error) }));
      }
      return true;
    };
    if (check(ref.getSnapshot())) return;
    const subscription = ref.subscribe({
      next: (snapshot: unknown) => {
        if (check(snapshot)) subscription.unsubscribe();
      },
      error: () => {},
    });
  });
}

const hasTag =
  (tag: string) =>
  (snapshot: unknown): boolean =>
    typeof snapshot === "object" &&
    snapshot !== null &&
    "hasTag" in snapshot &&
    typeof snapshot.hasTag === "function" &&
    snapshot.hasTag(tag) === true;

/** Kills what a start had made; as OTP unlinked first, so that no exit signal of a start that is reported otherwise arrives. */
export function discard(record: ProcessRecord): void {
  for (const peer of record.links ?? []) peer.links?.delete(record);
  record.links = undefined;
  finish(record, killed, "kernel");
}
