import type { ActorLogic, ActorRef, AnyActorRef, EventObject, Snapshot } from "xstate";
import { processOf } from "../adopt.ts";
import { trapExit } from "../exit.ts";
import type { LocalName, Target } from "../name.ts";
import { NameError } from "../name-error.ts";
import { isAlive } from "../record.ts";
import { scopeOf } from "../scope.ts";
import { whereis } from "../whereis.ts";
import { type KeyKind, RegistryTable } from "./table.ts";

declare const contents: unique symbol;

/** A running registry, with the types of its keys and values. */
export type RegistryRef<K = unknown, V = unknown> = ActorRef<RegistrySnapshot, EventObject> & {
  readonly [contents]?: { readonly key: K; readonly value: V };
};

/** A registry, or the name of one. */
export type RegistryTarget<K = unknown, V = unknown> = RegistryRef<K, V> | LocalName<RegistryRef<K, V>> | string;

/** What inspection shows of a registry. */
export type RegistrySnapshot = Snapshot<undefined> & { readonly context: { readonly keys: KeyKind } };

/** What a registry is made from. */
export interface RegistryInput {
  readonly keys: KeyKind;
  readonly listeners: readonly Target[];
  readonly meta: ReadonlyMap<unknown, unknown>;
}

const tables = new WeakMap<AnyActorRef, RegistryTable>();

/** The process that a registry is: its table lives and dies with it. */
export const registryLogic: ActorLogic<RegistrySnapshot, EventObject, RegistryInput> & { readonly id: string } = {
  id: "registry",
  getInitialSnapshot({ self }, { keys, listeners, meta }) {
    tables.set(self, new RegistryTable(keys, listeners, meta));
    return { status: "active", output: undefined, error: undefined, context: { keys } };
  },
  start(_snapshot, { self }) {
    // The end of a registered process is no business of the registry's, though they are linked.
    trapExit(self);
    scopeOf(self).defer(() => tables.delete(self));
  },
  transition(snapshot, event) {
    return event.type === "otp.stop" ? { ...snapshot, status: "done", output: undefined, error: undefined } : snapshot;
  },
  getPersistedSnapshot: (snapshot) => snapshot,
};

/**
 * The table of a running registry, and the process it belongs to.
 * @throws NameError `unknown_registry`
 */
export function openRegistry(target: RegistryTarget): {
  readonly table: RegistryTable;
  readonly registry: AnyActorRef;
} {
  const registry: AnyActorRef | undefined = whereis(target as Target);
  const table = registry === undefined ? undefined : tables.get(registry);
  if (registry === undefined || table === undefined || !isAlive(processOf(registry))) {
    const what = typeof target === "string" ? `named "${target}" ` : "";
    throw new NameError("unknown_registry", `No registry ${what}is running here.`);
  }
  return { table, registry };
}
