import { type Logger, silentLogger } from "@trunkline/process";
import type { AnyActorRef, InspectionEvent } from "xstate";
import { makeGuard } from "../guard.ts";
import { realTime } from "../time.ts";
import { descendants, rootOf } from "../tree/walk.ts";
import { actorFrame, eventFrame, type StatelyFrame, snapshotFrame } from "./frames.ts";
import { StatelyLink } from "./link.ts";

/** Where the frames go. */
export interface StatelyAdapterOptions {
  /** The WebSocket of the Stately Inspector's server. Default `"ws://localhost:8080"`, its own default. */
  readonly url?: string;
  /** Takes each frame instead of a socket. */
  readonly send?: (frame: StatelyFrame) => void;
  /** Told when a frame could not be made. Default: nobody. */
  readonly logger?: Logger;
}

/** Shows trees of actors in the Stately Inspector. */
export interface StatelyAdapter {
  /** XState's `inspect` option of a root; also that of `startLink`. */
  readonly inspect: (event: InspectionEvent) => void;
  /** Shows a tree that runs already. Returns a function that ends that. */
  attach(actor: AnyActorRef): () => void;
  /** Ends the connection. */
  close(): void;
}

/**
 * Speaks the wire of `@statelyai/inspect` 0.7.2, so that any root shows in Stately's own inspector. Unlike that package it keeps
 * big integers exact (as text), redacts secrets, gives buffers by their length, connects again when its server was away, tells the
 * server then of every actor that runs, and keeps no frame for later. An adapter that fails does not harm the actors.
 */
export function statelyAdapter(options: StatelyAdapterOptions = {}): StatelyAdapter {
  const guard = makeGuard(options.logger ?? silentLogger);
  const known = new Map<string, { readonly actor: AnyActorRef; readonly rootId: string }>();
  const now = realTime.unixMs;
  const introduce = (actor: AnyActorRef, rootId: string): void => {
    known.set(actor.sessionId, { actor, rootId });
    send(() => actorFrame(actor, rootId, now()));
  };
  const link =
    options.send === undefined
      ? new StatelyLink(options.url ?? "ws://localhost:8080", realTime.clock, () => {
          for (const { actor, rootId } of known.values()) send(() => actorFrame(actor, rootId, now()));
        })
      : undefined;
  const send = (make: () => StatelyFrame): void => {
    if (link !== undefined && !link.isOpen) return;
    guard("a frame", () => {
      const frame = make();
      if (options.send === undefined) link?.send(JSON.stringify(frame));
      else options.send(frame);
    });
  };
  const meet = (actor: AnyActorRef, rootId: string): void => {
    if (known.has(actor.sessionId)) return;
    if (actor._parent !== undefined) meet(actor._parent, rootId);
    introduce(actor, rootId);
  };
  const forget = (actor: AnyActorRef | undefined): void => {
    if (actor !== undefined) known.delete(actor.sessionId);
  };
  const observe = (event: InspectionEvent): void => {
    const actor = event.actorRef as AnyActorRef;
    const { rootId } = event;
    switch (event.type) {
      case "@xstate.event":
        meet(actor, rootId);
        send(() => eventFrame(actor, event.sourceRef as AnyActorRef | undefined, event.event, rootId, now()));
        // An actor that threw has no last snapshot; its parent is told.
        if (event.event.type.startsWith("xstate.error.actor.")) forget(event.sourceRef as AnyActorRef | undefined);
        return;
      case "@xstate.snapshot":
        send(() => snapshotFrame(actor, event.event, event.snapshot, rootId, now()));
        if (event.snapshot.status !== "active" || event.event.type === "xstate.stop") forget(actor);
        return;
      // Their wire has neither actions nor microsteps, and an actor that was made has no snapshot yet.
      case "@xstate.actor":
      case "@xstate.action":
      case "@xstate.microstep":
      case "@xstate.transition":
        return;
    }
  };
  const inspect = (event: InspectionEvent): void => void guard("an event", () => observe(event));
  return {
    inspect,
    attach(actor) {
      const root = rootOf(actor);
      for (const running of [root, ...descendants(root)]) meet(running, root.sessionId);
      const subscription = root.system.inspect(inspect);
      return () => subscription.unsubscribe();
    },
    close() {
      link?.close();
      known.clear();
    },
  };
}
