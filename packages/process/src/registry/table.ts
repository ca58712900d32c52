import type { AnyActorRef } from "xstate";
import type { Target } from "../name.ts";

/** Whether a key has one holder or any number. */
export type KeyKind = "unique" | "duplicate";

/** One registration. */
export interface Entry<K = unknown, V = unknown> {
  readonly key: K;
  readonly process: AnyActorRef;
  readonly value: V;
}

/** What a registry's listeners receive. A death sends none: a listener that cares monitors the process. */
export type RegistryEvent<K = unknown, V = unknown> =
  | ({ readonly type: "registry.register"; readonly registry: AnyActorRef } & Entry<K, V>)
  | {
      readonly type: "registry.unregister";
      readonly registry: AnyActorRef;
      readonly key: K;
      readonly process: AnyActorRef;
    };

/** An entry as the table keeps it: its value can be replaced. */
export type StoredEntry = { -readonly [P in keyof Entry]: Entry[P] };

const none: ReadonlySet<StoredEntry> = new Set();

/** Who holds which key: by key and by process, both ways in constant time. Keys are compared as `Map` compares them. */
export class RegistryTable {
  readonly kind: KeyKind;
  readonly listeners: readonly Target[];
  readonly meta: Map<unknown, unknown>;
  readonly #byKey = new Map<unknown, Set<StoredEntry>>();
  readonly #byProcess = new Map<AnyActorRef, Set<StoredEntry>>();
  #size = 0;

  constructor(kind: KeyKind, listeners: readonly Target[], meta: ReadonlyMap<unknown, unknown>) {
    this.kind = kind;
    this.listeners = listeners;
    this.meta = new Map(meta);
  }

  get size(): number {
    return this.#size;
  }

  add(entry: StoredEntry): void {
    collect(this.#byKey, entry.key, entry);
    collect(this.#byProcess, entry.process, entry);
    this.#size += 1;
  }

  remove(entry: StoredEntry): void {
    if (this.#byKey.get(entry.key)?.has(entry) !== true) return;
    drop(this.#byKey, entry.key, entry);
    drop(this.#byProcess, entry.process, entry);
    this.#size -= 1;
  }

  ofKey(key: unknown): ReadonlySet<StoredEntry> {
    return this.#byKey.get(key) ?? none;
  }

  ofProcess(process: AnyActorRef): ReadonlySet<StoredEntry> {
    return this.#byProcess.get(process) ?? none;
  }

  *all(): Iterable<StoredEntry> {
    for (const entries of this.#byKey.values()) yield* entries;
  }
}

function collect<K>(index: Map<K, Set<StoredEntry>>, key: K, entry: StoredEntry): void {
  const entries = index.get(key);
  if (entries === undefined) index.set(key, new Set([entry]));
  else entries.add(entry);
}

function drop<K>(index: Map<K, Set<StoredEntry>>, key: K, entry: StoredEntry): void {
  const entries = index.get(key);
  if (entries === undefined) return;
  entries.delete(entry);
  if (entries.size === 0) index.delete(key);
}
