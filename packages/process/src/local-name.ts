import type { AnyActorRef } from "xstate";
import { processOf } from "./adopt.ts";
import { publishName } from "./channels.ts";
import { describeName, type GlobalName, type Name } from "./name.ts";
import { NameError } from "./name-error.ts";
import { isAlive } from "./record.ts";

// One table for the whole Node process, as OTP has one per node.
const holders = new Map<string, AnyActorRef>();

/** The process that holds a local name. */
export function heldLocally(name: string): AnyActorRef | undefined {
  return holders.get(name);
}

/** Every local name that is taken. */
export function registered(): string[] {
  return [...holders.keys()];
}

/**
 * Gives a running process a local name, until it ends or `unregisterName` takes it back.
 * @throws NameError `already_registered` (with `holder`), `noproc` when `self` has ended
 */
export function registerName(name: string, self: AnyActorRef): void {
  const record = processOf(self);
  if (!isAlive(record)) throw new NameError("noproc", `The name "${name}" was not taken: the process has ended.`);
  const holder = holders.get(name);
  if (holder !== undefined) throw new NameError("already_registered", `The name "${name}" is taken.`, { holder });
  holders.set(name, self);
  record.names ??= new Set();
  record.names.add({
    label: name,
    release() {
      if (holders.get(name) !== self) return;
      holders.delete(name);
      publishName({ process: self, name, change: "unregistered" });
    },
  });
  publishName({ process: self, name, change: "registered" });
}

/**
 * Frees a local name; its holder lives on.
 * @throws NameError `not_registered`
 */
export function unregisterName(name: string): void {
  const holder = holders.get(name);
  if (holder === undefined) throw new NameError("not_registered", `Nobody holds the name "${name}".`);
  const record = processOf(holder);
  for (const held of record.names ?? []) {
    if (held.label !== name) continue;
    held.release();
    record.names?.delete(held);
    return;
  }
}

/** The live process in the way of a name, if there is one. */
export function holderOf(name: Name): AnyActorRef | undefined {
  if (typeof name === "string") return heldLocally(name);
  if (name.type === "global") throw globalRefused(name);
  return name.whereis();
}

/**
 * Takes any kind of name for a process.
 * @returns the live process in the way, or `undefined`: the name is taken now
 * @throws NameError `global_not_supported`, `not_registrable`
 */
export function takeName(name: Name, self: AnyActorRef): AnyActorRef | undefined {
  const holder = holderOf(name);
  if (holder !== undefined) return holder;
  if (typeof name === "string") {
    registerName(name, self);
    return undefined;
  }
  return name.type === "via" ? name.register(self) : undefined;
}

function globalRefused(name: GlobalName): NameError {
  return new NameError("global_not_supported", `The name ${describeName(name)} was not taken.`);
}
