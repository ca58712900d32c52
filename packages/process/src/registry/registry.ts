import type { AnyActorRef } from "xstate";
import type { ChildSpec } from "../child-spec.ts";
import { crashed } from "../exit-reason.ts";
import type { Target } from "../name.ts";
import { NameError } from "../name-error.ts";
import type { StartOptions } from "../spawn.ts";
import { startLink } from "../start.ts";
import { StartError } from "../start-error.ts";
import { openRegistry, type RegistryInput, type RegistryRef, type RegistryTarget, registryLogic } from "./home.ts";
import { label, register, unregister } from "./registration.ts";
import type { Entry, KeyKind } from "./table.ts";

export type { RegistryRef, RegistryTarget } from "./home.ts";

/** What a registry is started with. */
export interface RegistryOptions extends StartOptions {
  /** `"unique"`: one process per key, addressable with `via`. `"duplicate"`: any number, for dispatch. */
  readonly keys: KeyKind;
  /** Who receives `registry.register` and `registry.unregister` events. Default: nobody. */
  readonly listeners?: readonly Target[];
  /** Data about the registry as a whole. Default: none. */
  readonly meta?: Iterable<readonly [unknown, unknown]>;
}

const inputOf = ({ keys, listeners = [], meta = [] }: RegistryOptions): RegistryInput => ({
  keys,
  listeners,
  meta: new Map(meta),
});

/**
 * A table from keys to the processes that hold them. An entry goes when its process ends, before anyone hears of the
 * end: nobody ever finds a dead holder. All but the start is synchronous.
 * @see https://hexdocs.pm/elixir/Registry.html
 */
export const Registry = {
  /**
   * Starts a registry.
   * @throws StartError (as a rejection) as `startLink`; `invalid_option` when `keys` is neither kind
   */
  async startLink<K = unknown, V = unknown>(options: RegistryOptions): Promise<RegistryRef<K, V>> {
    const { keys, listeners: _listeners, meta: _meta, ...startOptions } = options;
    if (keys !== "unique" && keys !== "duplicate") {
      throw new StartError("invalid_option", `keys is ${String(keys)}: it takes "unique" or "duplicate".`, {
        reason: crashed("invalid_option"),
      });
    }
    return startLink({ logic: registryLogic, input: inputOf(options) }, startOptions);
  },

  /** A registry as a child spec; its id is its name, or `"registry"`. */
  childSpec(options: RegistryOptions, overrides: Partial<ChildSpec> = {}): ChildSpec {
    const { name } = options;
    return {
      id: typeof name === "string" ? name : "registry",
      start: { logic: registryLogic, input: inputOf(options) },
      ...(name === undefined ? {} : { name }),
      ...overrides,
    };
  },

  register,
  unregister,

  /** Who holds a key; with unique keys at most one. */
  lookup<K, V>(registry: RegistryTarget<K, V>, key: K): Entry<K, V>[] {
    return copies<K, V>(openRegistry(registry).table.ofKey(key));
  },

  /**
   * Replaces the value that `self` holds under a key of a unique registry.
   * @returns the new value and the old one; `undefined` when `self` does not hold the key
   * @throws NameError `duplicate_keys`
   */
  updateValue<K, V>(
    registry: RegistryTarget<K, V>,
    self: AnyActorRef,
    key: K,
    update: (value: V) => V,
  ): { readonly value: V; readonly old: V } | undefined {
    const { table } = openRegistry(registry);
    if (table.kind === "duplicate") {
      throw new NameError("duplicate_keys", `The key ${label(key)} has no single value.`);
    }
    for (const entry of table.ofKey(key)) {
      if (entry.process !== self) return undefined;
      const old = entry.value as V;
      const value = update(old);
      entry.value = value;
      return { value, old };
    }
    return undefined;
  },

  /** Calls `send` with all entries of a key, here and now; not at all when there are none. What it throws is the caller's. */
  dispatch<K, V>(registry: RegistryTarget<K, V>, key: K, send: (entries: readonly Entry<K, V>[]) => void): void {
    const entries = Registry.lookup(registry, key);
    if (entries.length > 0) send(entries);
  },

  /** The keys that a process holds, one for each registration. */
  keys<K, V>(registry: RegistryTarget<K, V>, process: AnyActorRef): K[] {
    return [...openRegistry(registry).table.ofProcess(process)].map((entry) => entry.key as K);
  },

  /** The values that a process holds under a key. */
  values<K, V>(registry: RegistryTarget<K, V>, key: K, process: AnyActorRef): V[] {
    return Registry.lookup(registry, key)
      .filter((entry) => entry.process === process)
      .map((entry) => entry.value);
  },

  /** How many registrations there are. */
  count(registry: RegistryTarget): number {
    return openRegistry(registry).table.size;
  },

  /** The entries of a key whose value satisfies a predicate. */
  match<K, V>(registry: RegistryTarget<K, V>, key: K, predicate: (value: V) => boolean): Entry<K, V>[] {
    return Registry.lookup(registry, key).filter((entry) => predicate(entry.value));
  },

  /** How many entries of a key have a value that satisfies a predicate. */
  countMatch<K, V>(registry: RegistryTarget<K, V>, key: K, predicate: (value: V) => boolean): number {
    return Registry.match(registry, key, predicate).length;
  },

  /** What `pick` makes of each entry of the registry, `undefined` left out. */
  select<K, V, Picked>(registry: RegistryTarget<K, V>, pick: (entry: Entry<K, V>) => Picked | undefined): Picked[] {
    return copies<K, V>(openRegistry(registry).table.all())
      .map(pick)
      .filter((picked) => picked !== undefined);
  },

  /** A piece of the registry's own data. */
  meta(registry: RegistryTarget, key: unknown): unknown {
    return openRegistry(registry).table.meta.get(key);
  },

  /** Puts a piece of the registry's own data. */
  putMeta(registry: RegistryTarget, key: unknown, value: unknown): void {
    openRegistry(registry).table.meta.set(key, value);
  },

  /** Removes a piece of the registry's own data. */
  deleteMeta(registry: RegistryTarget, key: unknown): void {
    openRegistry(registry).table.meta.delete(key);
  },
} as const;

function copies<K, V>(entries: Iterable<Entry>): Entry<K, V>[] {
  return Array.from(entries, ({ key, process, value }) => ({ key: key as K, process, value: value as V }));
}
