import { isProcess, processInfo } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { seenSnapshot } from "../show/snapshot.ts";

/** The actor at the top of the tree that an actor belongs to. */
export function rootOf(actor: AnyActorRef): AnyActorRef {
  return actor._parent === undefined ? actor : rootOf(actor._parent);
}

/** All actors that run below one, parents first, each kind of child in start order. */
export function* descendants(actor: AnyActorRef): Generator<AnyActorRef> {
  for (const child of childrenOf(actor)) {
    yield child;
    yield* descendants(child);
  }
}

function childrenOf(actor: AnyActorRef): ReadonlySet<AnyActorRef> {
  const processes = isProcess(actor) ? processInfo(actor).children : [];
  const { children } = seenSnapshot(actor);
  const actors = typeof children === "object" && children !== null ? Object.values(children) : [];
  return new Set([...processes, ...actors.filter(isActor)].filter(isActive));
}

function isActor(value: unknown): value is AnyActorRef {
  return typeof value === "object" && value !== null && "sessionId" in value && "getSnapshot" in value;
}

const isActive = (actor: AnyActorRef): boolean => seenSnapshot(actor).status === "active";
