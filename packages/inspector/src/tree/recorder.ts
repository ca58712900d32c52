import {
  type ExitReason,
  exitReason,
  isProcess,
  isRunning,
  metadataOf,
  type ProcessExited,
  type Report,
} from "@trunkline/process";
import type { AnyActorRef, InspectedMicrostepEvent, InspectionEvent, Snapshot } from "xstate";
import { described, shownReason } from "../show/reason.ts";
import { seenSnapshot } from "../show/snapshot.ts";
import type { Crashes, Reason } from "../wire.ts";
import type { CrashLog } from "./crashes.ts";
import type { TreeNode } from "./node.ts";
import { Ring } from "./ring.ts";
import type { Succession, Tree } from "./tree.ts";
import type { TreeEvents } from "./watch.ts";

const transitionsKept = 50;

/**
 * Writes into a tree what happens to its processes. Nothing is looked at here that is not in the event: a few assignments
 * for each, whether or not a page is open.
 */
export class Recorder implements TreeEvents {
  readonly #tree: Tree;
  readonly #crashes: CrashLog;
  readonly #now: () => number;
  /** Told of every change, often. */
  readonly #changed: () => void;
  #lastCrash: { readonly node: TreeNode; readonly error: unknown } | undefined;

  constructor(tree: Tree, crashes: CrashLog, now: () => number, changed: () => void) {
    this.#tree = tree;
    this.#crashes = crashes;
    this.#now = now;
    this.#changed = changed;
    tree.onSuccession = (succession) => this.#succeeded(succession);
  }

  inspected(event: InspectionEvent): void {
    switch (event.type) {
      case "@xstate.event":
        this.#received(event.actorRef as AnyActorRef, event.sourceRef as AnyActorRef | undefined, event.event);
        return;
      case "@xstate.microstep":
        this.#stepped(event);
        return;
      case "@xstate.snapshot":
        this.#settled(event.actorRef as AnyActorRef, event.event.type, event.snapshot);
        return;
      // An actor that was made may never be started; what an action did is seen by its events.
      case "@xstate.actor":
      case "@xstate.action":
      case "@xstate.transition":
        return;
    }
  }

  processStarted(actor: AnyActorRef): void {
    const node = this.#tree.add(actor);
    if (node?.parent !== undefined) this.#touch(node.parent);
    this.#changed();
  }

  processExited({ process, reason }: ProcessExited): void {
    const node = this.#tree.get(process.sessionId);
    if (node !== undefined) this.#end(node, shownReason(reason));
  }

  nameChanged(actor: AnyActorRef): void {
    const node = this.#tree.get(actor.sessionId);
    if (node !== undefined) this.#touch(node);
  }

  reported(report: Report): void {
    if (report.report === "crash") this.#crashedProcess(report.process, report.reason);
    if (report.report !== "supervisor") return;
    const { supervisor, offender, reason, errorContext } = report;
    const node = this.#tree.get(supervisor.sessionId);
    if (node === undefined) return;
    this.#touch(node);
    if (reason === "reached_max_restart_intensity") {
      this.#crashes.gaveUpOn(node.ref, String(offender.id), budgetOf(node));
    } else if (errorContext === "child_terminated" && typeof offender.pid === "object") {
      this.#crashedProcess(offender.pid, reason);
    }
  }

  #received(actor: AnyActorRef, source: AnyActorRef | undefined, event: { readonly type: string }): void {
    const node = this.#tree.get(actor.sessionId) ?? this.#tree.add(actor);
    if (node === undefined) return;
    node.received += 1;
    this.#touch(node);
    if (source === undefined) return;
    const sender = this.#tree.get(source.sessionId);
    if (sender === undefined) return;
    sender.sent += 1;
    if (event.type.startsWith("xstate.error.actor.") && !isProcess(source) && "error" in event) {
      this.#crashedActor(sender, event.error);
    }
  }

  #stepped({ actorRef, event, _transitions }: InspectedMicrostepEvent): void {
    const node = this.#tree.get((actorRef as AnyActorRef).sessionId);
    if (node === undefined) return;
    for (const transition of _transitions) {
      if (transition.target === undefined) continue;
      const at = this.#now();
      node.transitions ??= new Ring(transitionsKept);
      node.transitions.push({ at, event: event.type, transition });
      node.since = at;
      node.receivedBefore = node.received;
    }
  }

  #settled(actor: AnyActorRef, event: string, snapshot: Snapshot<unknown>): void {
    const node = this.#tree.get(actor.sessionId);
    if (node === undefined) return;
    this.#touch(node);
    if ("value" in snapshot && typeof snapshot.value === "string" && snapshot.value !== node.lastValue) {
      if (node.lastValue !== undefined && node.transitions === undefined) {
        node.since = this.#now();
        node.receivedBefore = node.received;
      }
      node.lastValue = snapshot.value;
    }
    if (isProcess(actor)) return;
    // Some logic stays `active` when it is stopped.
    if (snapshot.status === "error") this.#crashedActor(node, snapshot.error);
    else if (snapshot.status === "done") this.#end(node, { type: "normal" });
    else if (snapshot.status === "stopped" || event === "xstate.stop") this.#end(node, { type: "shutdown" });
  }

  /** A root that throws tells nobody, and one may have ended before anybody watched: looked at when there is time. */
  checkRoot(): void {
    const { root } = this.#tree;
    if (root.life.type !== "running") return;
    const { actor } = root.life;
    if (isProcess(actor)) {
      if (!isRunning(actor)) this.#end(root, shownReason(exitReason(actor) ?? { type: "noproc" }));
      return;
    }
    const { status, error } = seenSnapshot(actor);
    if (status === "error") this.#crashedActor(root, error);
    else if (status === "done") this.#end(root, { type: "normal" });
    else if (status === "stopped") this.#end(root, { type: "shutdown" });
  }

  #crashedProcess(actor: AnyActorRef, reason: ExitReason): void {
    const node = this.#tree.get(actor.sessionId) ?? this.#endedNode(actor.sessionId);
    if (node !== undefined) this.#crashes.add(node, this.#now(), shownReason(reason));
    this.#changed();
  }

  // An actor of XState's own. Its error brings its parent down where that does not handle it: the same error, once more.
  #crashedActor(node: TreeNode, error: unknown): void {
    const reason: Reason = { type: "error", ...described(error) };
    const last = this.#lastCrash;
    if (last !== undefined && last.node.parent === node && last.error === error) {
      this.#crashes.gaveUp(last.node.ref, undefined);
    } else this.#crashes.add(node, this.#now(), reason);
    this.#lastCrash = { node, error };
    this.#end(node, reason);
  }

  #end(node: TreeNode, reason: Reason): void {
    this.#tree.end(node, reason);
    if (node.parent !== undefined) this.#touch(node.parent);
    this.#changed();
  }

  #endedNode(ref: string): TreeNode | undefined {
    for (const node of this.#tree.ended()) if (node.ref === ref) return node;
    return undefined;
  }

  #succeeded({ before, after }: Succession): void {
    const { parent } = after;
    if (before.life.type !== "ended") return;
    const afterMs = Math.max(0, Math.round(after.startedAt - before.life.at));
    this.#crashes.restarted(before.ref, after.ref, afterMs, parent === undefined ? undefined : budgetOf(parent));
  }

  #touch(node: TreeNode): void {
    if (node.changed) return;
    node.changed = true;
    this.#changed();
  }
}

function budgetOf(node: TreeNode): Crashes["items"][number]["budget"] {
  if (node.life.type !== "running") return undefined;
  const { supervisor } = metadataOf(node.life.actor);
  if (supervisor === undefined) return undefined;
  return { used: supervisor.restartedAtMs.length, max: supervisor.maxRestarts, seconds: supervisor.maxSeconds };
}
