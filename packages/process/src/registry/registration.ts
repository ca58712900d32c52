import type { AnyActorRef } from "xstate";
import { processOf } from "../adopt.ts";
import { publishName } from "../channels.ts";
import { link, unlink } from "../link.ts";
import { NameError } from "../name-error.ts";
import { accept } from "../process-actor.ts";
import { type HeldName, isAlive } from "../record.ts";
import { whereis } from "../whereis.ts";
import { openRegistry, type RegistryTarget } from "./home.ts";
import type { RegistryEvent, RegistryTable, StoredEntry } from "./table.ts";

const heldNames = new WeakMap<StoredEntry, HeldName>();

/**
 * Registers a process under a key, until it ends or is unregistered, and links it to the registry.
 * @throws NameError `already_registered` with `holder`, also when the holder is `self`; `noproc`; `unknown_registry`
 */
export function register<K, V>(target: RegistryTarget<K, V>, self: AnyActorRef, key: K, value?: V): void {
  const { table, registry } = openRegistry(target);
  const record = processOf(self);
  if (!isAlive(record)) throw new NameError("noproc", `The key ${label(key)} was not taken: the process has ended.`);
  if (table.kind === "unique") {
    for (const { process } of table.ofKey(key)) {
      throw new NameError("already_registered", `The key ${label(key)} is taken.`, { holder: process });
    }
  }
  const entry: StoredEntry = { key, process: self, value };
  table.add(entry);
  const held: HeldName = {
    label: label(key),
    release() {
      table.remove(entry);
      publishName({ process: self, name: label(key), change: "unregistered" });
    },
  };
  heldNames.set(entry, held);
  record.names ??= new Set();
  record.names.add(held);
  link(self, registry);
  publishName({ process: self, name: label(key), change: "registered" });
  tell(table, { type: "registry.register", registry, key, process: self, value });
}

/** Removes what `self` holds under a key; what others hold stays. Never fails while the registry runs. */
export function unregister<K, V>(target: RegistryTarget<K, V>, self: AnyActorRef, key: K): void {
  const { table, registry } = openRegistry(target);
  for (const entry of [...table.ofKey(key)]) {
    if (entry.process !== self) continue;
    const held = heldNames.get(entry);
    if (held !== undefined) {
      held.release();
      processOf(self).names?.delete(held);
    }
    tell(table, { type: "registry.unregister", registry, key, process: self });
  }
  if (table.ofProcess(self).size === 0) unlink(self, registry);
}

/** A key in words, for messages. */
export const label = (key: unknown): string => (typeof key === "string" ? `"${key}"` : String(key));

function tell(table: RegistryTable, event: RegistryEvent): void {
  for (const listener of table.listeners) {
    const ref = whereis(listener);
    if (ref !== undefined) accept(processOf(ref), event);
  }
}
