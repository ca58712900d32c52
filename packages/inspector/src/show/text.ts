import { redact } from "@trunkline/process";

const mostBytes = 16 * 1024;
const longestString = 2000;
const deepest = 8;
/** The last of a list may tell how many more there are. */
const most = 101;

/** What is looked at of a string: enough to show its beginning when passwords are taken out of it. */
const longestRead = 32 * longestString;

/** A password in an address, which may itself hold an `@` or a `/`: `postgres://user:secret@host`. */
const passwordInAddress = /(:\/\/[^\s:/@]{0,200}:)[^\s]{1,200}@/g;
/** A password by its name: `password=secret`, as in a connection string or in the query of an address. */
const namedPassword = /(passw(?:or)?d\s{0,9}=\s{0,9})(?:'[^']*'?|[^\s&]+)/gi;

/** A string for people: without passwords in addresses and connection strings, and not too long. */
export function shownString(text: string): string {
  const clean = text.slice(0, longestRead).replace(passwordInAddress, "$1…@").replace(namedPassword, "$1…");
  return clean.length > longestString ? `${clean.slice(0, longestString)}…` : clean;
}

/**
 * A value as text of at most 16 KiB: keys that name secrets and addresses that hold passwords are redacted, big integers are exact,
 * bytes are given by their length, and anything with a life of its own (a socket, an actor, an instance) by its kind.
 */
export function contextText(value: unknown): { readonly text: string; readonly cut: boolean } {
  const text = JSON.stringify(plain(value), null, 2) ?? "";
  const bytes = Buffer.from(text);
  if (bytes.byteLength <= mostBytes) return { text, cut: false };
  // A character that the cut went through is left out.
  return {
    text: bytes
      .subarray(0, mostBytes)
      .toString()
      .replace(/\uFFFD$/, ""),
    cut: true,
  };
}

/** A value as JSON can hold it: redacted and bounded, big integers as text. */
export function plain(value: unknown): unknown {
  return plainAt(redact(value), 0);
}

function plainAt(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return shownString(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return String(value);
    case "boolean":
    case "undefined":
      return value;
    case "symbol":
      return String(value);
    case "function":
      return "[function]";
    case "object":
      return value === null ? null : readable(() => plainObject(value, depth));
  }
}

// An instance may be a proxy or have traps of its own.
function readable(look: () => unknown): unknown {
  try {
    return look();
  } catch {
    return "[unreadable]";
  }
}

function plainObject(value: object, depth: number): unknown {
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof Error) return `[${value.name}: ${shownString(value.message)}]`;
  if (depth >= deepest) return "[…]";
  if (Array.isArray(value)) return value.slice(0, most).map((item) => plainAt(item, depth + 1));
  if (value instanceof Map) return plainEntries([...value].slice(0, most), depth);
  if (value instanceof Set) return [...value].slice(0, most).map((item) => plainAt(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `[${value.constructor?.name || "object"}]`;
  return plainEntries(Object.entries(value), depth);
}

function plainEntries(entries: readonly (readonly [unknown, unknown])[], depth: number): object {
  return Object.fromEntries(
    entries.map(([key, item]) => [typeof key === "object" ? "[object]" : String(key), plainAt(item, depth + 1)]),
  );
}
