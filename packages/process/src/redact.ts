const secretKey = /passw(or)?d|secret|token|authorization|credential|api_?key|private_?key|connection_?string/i;
const deepest = 6;
const longest = 100;

/** What stands in place of a secret. */
export const redacted = "[redacted]";

/**
 * A copy for people: what sits under a key that names a secret is replaced, bytes are given by their length, and depth
 * and length are bounded, an actor is given by its session id. Errors, dates and class instances other than plain objects stay as they are.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= deepest) return "[…]";
  if (Array.isArray(value)) {
    const items = value.slice(0, longest).map((item) => redact(item, depth + 1));
    return value.length > longest ? [...items, `[… ${value.length - longest} more]`] : items;
  }
  if (value instanceof Map) {
    return new Map(
      [...value].slice(0, longest).map(([key, item]) => [key, isSecret(key) ? redacted : redact(item, depth + 1)]),
    );
  }
  if ("sessionId" in value && "send" in value) return `[process ${String(value.sessionId)}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, longest)
      .map(([key, item]) => [key, isSecret(key) ? redacted : redact(item, depth + 1)]),
  );
}

function isSecret(key: unknown): boolean {
  return typeof key === "string" && secretKey.test(key);
}
