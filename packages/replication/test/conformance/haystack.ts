import { inspect } from "node:util";
import type { Logger } from "@trunkline/process";

/**
 * Everything that is said of something, to look for what must not be: what inspection and JSON print of it, and every
 * text and every byte that can be reached from it through properties, maps and sets, hidden ones too.
 */
export class Haystack {
  readonly #texts = new Set<string>();
  readonly #seen = new WeakSet<object>();

  add(what: unknown): void {
    this.#texts.add(inspect(what, { depth: 3 }));
    this.#texts.add(String(what instanceof Error ? what.stack : what));
    this.#texts.add(jsonOf(what));
    this.#walk(what);
  }

  /** A logger that writes into it. */
  get logger(): Logger {
    const add = (...all: readonly unknown[]): void => this.add(all);
    return { debug: add, info: add, warn: add, error: add };
  }

  /** Which of these are in it. */
  holds(needles: readonly string[]): readonly string[] {
    return needles.filter((needle) => [...this.#texts].some((text) => text.includes(needle)));
  }

  #walk(root: unknown): void {
    const waiting: unknown[] = [root];
    while (waiting.length > 0) {
      const item = waiting.pop();
      if (typeof item === "string") this.#texts.add(item);
      if (typeof item !== "object" || item === null || this.#seen.has(item)) continue;
      this.#seen.add(item);
      if (ArrayBuffer.isView(item)) this.#addBytes(item);
      else waiting.push(...contentsOf(item));
    }
  }

  #addBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.#texts.add(bytes.toString("latin1"));
    this.#texts.add(bytes.toString("hex"));
  }
}

/** The values of its properties, without calling any getter, and what a map or a set holds. */
function contentsOf(item: object): readonly unknown[] {
  const properties = Reflect.ownKeys(item).map((key) => Reflect.getOwnPropertyDescriptor(item, key)?.value);
  const entries = item instanceof Map ? [...item.keys(), ...item.values()] : item instanceof Set ? [...item] : [];
  return [...properties, ...entries];
}

/** JSON, in which what comes twice is left out. */
function jsonOf(value: unknown): string {
  const seen = new WeakSet<object>();
  const once = (_key: string, item: unknown): unknown => {
    if (typeof item === "bigint") return `${item}n`;
    if (typeof item !== "object" || item === null) return item;
    if (seen.has(item)) return undefined;
    seen.add(item);
    return item;
  };
  return JSON.stringify(value, once) ?? "";
}
