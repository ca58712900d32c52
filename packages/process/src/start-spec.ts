import type { ActorRefFrom, AnyActorLogic, AnyActorRef, InputFrom, Snapshot, SnapshotFrom } from "xstate";

/**
 * When a start counts as acknowledged: a predicate on the snapshot, a state tag, or the type of an event the actor
 * emits. Default: the actor is running (or already done) after its start.
 */
export type Ready<L extends AnyActorLogic = AnyActorLogic> =
  | ((snapshot: SnapshotFrom<L>) => boolean)
  | string
  | { readonly emitted: string };

/** A start as data: the actor is made in its parent's own tree. */
export interface StartData<L extends AnyActorLogic = AnyActorLogic> {
  readonly logic: L;
  readonly input?: InputFrom<L>;
  readonly ready?: Ready<L>;
  /**
   * A persisted snapshot to go on from, or a function that finds one at each start. Used only when its status is
   * `active`: an ended one would start a corpse. Default: each start is a fresh one, from `input`.
   */
  readonly snapshot?: Snapshot<unknown> | (() => Snapshot<unknown> | undefined);
}

/** What a start function is handed. Everything it spawns is cleaned up when the start fails. */
export interface StartContext {
  /**
   * Starts an actor as a linked child of the parent (a root when there is none), at once.
   * @throws StartError `exited` when it fails while starting; `aborted` when the start was given up.
   */
  spawn<L extends AnyActorLogic>(
    logic: L,
    options?: { readonly input?: InputFrom<L>; readonly id?: string },
  ): ActorRefFrom<L>;
  /** Aborted when the start times out or its parent ends. */
  readonly signal: AbortSignal;
  readonly parent: AnyActorRef | undefined;
}

/** What a start function may answer: the process, or `"ignore"`: there is nothing to run, and that is no failure. */
export type Started = AnyActorRef | "ignore";

/** `"ignore"` under a name of its own, whose type does not widen to `string`. */
export const ignore: "ignore" = "ignore";

/** A start as a function, for what data cannot say. */
export type StartFunction<T extends Started = Started> = (context: StartContext) => T | Promise<T>;

/** What a start by function resolves with: the process, `undefined` for `"ignore"`. */
export type StartedRef<T extends Started> = T extends "ignore" ? undefined : T;

/** How a process is started: data wherever it can be. */
export type Start<L extends AnyActorLogic = AnyActorLogic> = StartData<L> | StartFunction;
