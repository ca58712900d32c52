import type { AnyActorRef } from "xstate";
import { heldLocally } from "./local-name.ts";
import type { LocalName, Target, Via } from "./name.ts";

/**
 * The live process behind a target, or `undefined`. A dead one is never found by name; a ref is returned as it is.
 * @throws TypeError when it is no target at all, such as the `undefined` of a child that was never started
 */
export function whereis<R extends AnyActorRef>(target: R | LocalName<R> | Via<R>): R | undefined;
export function whereis(target: Target): AnyActorRef | undefined;
export function whereis(target: Target): AnyActorRef | undefined {
  if (typeof target === "string") return heldLocally(target);
  if (typeof target !== "object" || target === null) {
    throw new TypeError(`${String(target)} is no target: pass an actor, a local name or a via.`);
  }
  return isVia(target) ? target.whereis() : target;
}

function isVia(target: AnyActorRef | Via): target is Via {
  return "type" in target && target.type === "via";
}
