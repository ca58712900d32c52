const secretKey =
  /passw(or)?d|passphrase|^(ssl_?|pg)?pass$|^pwd$|secret|token|authorization|credential|cookie|^jwt$|bearer|api_?key|private_?key|connection_?string/i;
const deepest = 6;
const longest = 100;
/** All together: values that refer to each other many times are many values. */
const most = 5000;

/** What stands in place of a secret. */
export const redacted = "[redacted]";

/**
 * A copy for people: what sits under a key that names a secret is replaced, bytes are given by their length, and depth,
 * length and the number of values are bounded, an actor is given by its session id. What throws when it is read is said to be
 * unreadable. Errors, dates and class instances other than plain objects stay as they are.
 */
export function redact(value: unknown): unknown {
  let left = most;
  return copy(value, 0);

  function copy(from: unknown, depth: number): unknown {
    if (typeof from !== "object" || from === null) return from;
    left -= 1;
    if (left < 0) return "[…]";
    try {
      return copyObject(from, depth);
    } catch {
      return "[unreadable]";
    }
  }

  function copyObject(from: object, depth: number): unknown {
    if (ArrayBuffer.isView(from)) return `[${from.byteLength} bytes]`;
    if (depth >= deepest) return "[…]";
    if (Array.isArray(from)) return withRest(from.slice(0, longest), from.length, depth);
    if (from instanceof Map) return new Map(first(from).map(([key, item]) => [key, member(key, () => item, depth)]));
    if (from instanceof Set) return new Set(withRest(first(from), from.size, depth));
    if ("sessionId" in from && "send" in from) return `[process ${String(from.sessionId)}]`;
    const prototype: unknown = Object.getPrototypeOf(from);
    if (prototype !== Object.prototype && prototype !== null) return from;
    const keys = Object.keys(from).slice(0, longest);
    return Object.fromEntries(keys.map((key) => [key, member(key, () => Reflect.get(from, key), depth)]));
  }

  function withRest(items: readonly unknown[], length: number, depth: number): unknown[] {
    const copied = items.map((item) => copy(item, depth + 1));
    return length > longest ? [...copied, `[… ${length - longest} more]`] : copied;
  }

  function member(key: unknown, read: () => unknown, depth: number): unknown {
    if (typeof key === "string" && secretKey.test(key)) return redacted;
    try {
      return copy(read(), depth + 1);
    } catch {
      return "[unreadable]";
    }
  }
}

function first<T>(items: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length === longest) break;
    taken.push(item);
  }
  return taken;
}
