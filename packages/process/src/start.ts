import type { ActorRefFrom, AnyActorLogic, AnyActorRef, Snapshot } from "xstate";
import { acknowledged, discard } from "./acknowledge.ts";
import { processOf } from "./adopt.ts";
import { checkOptions } from "./check-options.ts";
import { crashed, killed, noproc } from "./exit-reason.ts";
import { reasonOfThrown } from "./exit-signal.ts";
import { finish } from "./finish.ts";
import { isActorRef } from "./is-actor-ref.ts";
import { linkRecords } from "./link.ts";
import { exitReasonOf, isAlive, type ProcessRecord } from "./record.ts";
import { defaultRuntime } from "./runtime.ts";
import { scopeOf } from "./scope.ts";
import { type StartOptions, spawnProcess } from "./spawn.ts";
import { exitedBeforeReady, StartError } from "./start-error.ts";
import { limited } from "./start-limit.ts";
import type { Start, StartContext, StartData, Started, StartedRef, StartFunction } from "./start-spec.ts";

/**
 * Starts a process and resolves with it once it has acknowledged its start. With `parent` it joins that actor's tree
 * and is linked to it; without, it is a root. A start function may answer `"ignore"`: then `undefined`.
 * When it rejects, nothing of the attempt is left: processes are killed, names are free.
 * @throws StartError (as a rejection) `already_started`, `exited`, `failed`, `timeout`, `bad_return_value`, `noproc`, …
 */
export function startLink<L extends AnyActorLogic>(
  start: StartData<L>,
  options?: StartOptions,
): Promise<ActorRefFrom<L>>;
export function startLink<const T extends Started>(
  start: StartFunction<T>,
  options?: StartOptions,
): Promise<StartedRef<T>>;
export function startLink(start: Start, options?: StartOptions): Promise<AnyActorRef | undefined>;
export function startLink(start: Start, options: StartOptions = {}): Promise<AnyActorRef | undefined> {
  return attempt(start, options, true);
}

/** `startLink` without the link: the process is in the tree of `parent`, and its exit sends `parent` no signal. */
export function start<L extends AnyActorLogic>(start: StartData<L>, options?: StartOptions): Promise<ActorRefFrom<L>>;
export function start<const T extends Started>(start: StartFunction<T>, options?: StartOptions): Promise<StartedRef<T>>;
export function start(start: Start, options?: StartOptions): Promise<AnyActorRef | undefined>;
export function start(start: Start, options: StartOptions = {}): Promise<AnyActorRef | undefined> {
  return attempt(start, options, false);
}

async function attempt(start: Start, options: StartOptions, linked: boolean): Promise<AnyActorRef | undefined> {
  checkOptions(options);
  if (options.signal?.aborted === true) {
    throw new StartError("aborted", "Nothing was started: the signal is aborted.", { reason: killed });
  }
  if (typeof start === "function") return startByFunction(start, options, linked);
  if (typeof start !== "object" || start === null || !isLogic(start.logic)) {
    throw new StartError("invalid_start", "There is nothing to start.", { reason: crashed(start) });
  }
  if (start.ready !== undefined && !isReadyCheck(start.ready)) {
    throw new StartError("invalid_start", "ready is no tag, no predicate and no { emitted: type }.", {
      reason: crashed(start.ready),
    });
  }
  return startByData(start, options, linked);
}

function isLogic(logic: unknown): boolean {
  return typeof logic === "object" && logic !== null && "transition" in logic && "getInitialSnapshot" in logic;
}

function isReadyCheck(ready: unknown): boolean {
  if (typeof ready === "function" || typeof ready === "string") return true;
  return typeof ready === "object" && ready !== null && "emitted" in ready && typeof ready.emitted === "string";
}

function parentOf(options: StartOptions): ProcessRecord | undefined {
  return options.parent === undefined ? undefined : processOf(options.parent);
}

async function startByData(start: StartData, options: StartOptions, linked: boolean): Promise<AnyActorRef> {
  const record = spawnProcess({
    logic: start.logic,
    input: start.input,
    snapshot: restorable(start.snapshot),
    parent: parentOf(options),
    linked,
    options,
  });
  if (start.ready === undefined) return record.ref;
  const { ready } = start;
  const giveUp = (): void => discard(record);
  return limited(record.runtime, options, giveUp, () => acknowledged(record, ready, options.id ?? "The process"));
}

// A snapshot whose actor had ended would start a corpse.
function restorable(snapshot: StartData["snapshot"]): Snapshot<unknown> | undefined {
  const restored = typeof snapshot === "function" ? snapshot() : snapshot;
  return restored?.status === "active" ? restored : undefined;
}

async function startByFunction(
  start: StartFunction,
  options: StartOptions,
  linked: boolean,
): Promise<AnyActorRef | undefined> {
  const parent = parentOf(options);
  if (parent !== undefined && !isAlive(parent)) {
    throw new StartError("noproc", "The start function was not called.", { reason: noproc });
  }
  const runtime = parent?.runtime ?? options.runtime ?? defaultRuntime;
  const controller = new AbortController();
  const spawned: ProcessRecord[] = [];
  const context: StartContext = {
    parent: options.parent,
    signal: controller.signal,
    spawn<L extends AnyActorLogic>(logic: L, spawnOptions: Parameters<StartContext["spawn"]>[1] = {}) {
      if (controller.signal.aborted) {
        throw new StartError("aborted", "Nothing was spawned.", { reason: killed });
      }
      const { input, ...own } = spawnOptions;
      // Name, label and mailbox belong to the process that the function answers with: its first.
      const first = spawned.length === 0 ? options : { ...(options.runtime ? { runtime: options.runtime } : {}) };
      const record = spawnProcess({ logic, input, snapshot: undefined, parent, linked, options: { ...first, ...own } });
      spawned.push(record);
      return record.ref as ActorRefFrom<L>;
    },
  };
  const giveUp = (): void => {
    controller.abort(killed);
    for (const record of spawned.reverse()) discard(record);
  };
  const parentEnd = new AbortController();
  const stopHeeding = parent === undefined ? undefined : scopeOf(parent.ref).defer(() => parentEnd.abort(killed));
  const signal = options.signal === undefined ? parentEnd.signal : AbortSignal.any([options.signal, parentEnd.signal]);
  try {
    return await limited(runtime, { ...options, signal }, giveUp, async () => {
      const answer: unknown = await start(context);
      if (answer === "ignore") {
        giveUp();
        return undefined;
      }
      if (!isActorRef(answer)) {
        throw new StartError("bad_return_value", "The start function returned no actor.", { reason: crashed(answer) });
      }
      return own(answer, parent, linked, spawned);
    });
  } catch (error) {
    giveUp();
    if (error instanceof StartError) throw error;
    throw new StartError("failed", "The start function threw.", { reason: reasonOfThrown(error), cause: error });
  } finally {
    stopHeeding?.();
  }
}

// The answer takes its place under the parent, and whatever was spawned beside it lives no longer than it.
function own(
  ref: AnyActorRef,
  parent: ProcessRecord | undefined,
  linked: boolean,
  spawned: readonly ProcessRecord[],
): AnyActorRef {
  const record = processOf(ref);
  const reason = exitReasonOf(record);
  if (reason !== undefined && reason.type !== "normal") throw exitedBeforeReady("The process", reason);
  if (parent !== undefined && linked) linkRecords(parent, record);
  for (const helper of spawned) {
    if (helper !== record) scopeOf(ref).defer(() => finish(helper, killed, "kernel"));
  }
  return ref;
}
