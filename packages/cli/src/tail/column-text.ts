const jsonOids: ReadonlySet<number> = new Set([114, 3802]);

/** Whether a type's text is JSON: json and jsonb. */
export const isJson = (typeOid: number): boolean => jsonOids.has(typeOid);

/** A value much as psql shows it: bytes as `\x…`, arrays in braces, all else as it is. */
export function columnText(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof Uint8Array) {
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`;
  }
  if (Array.isArray(value)) return `{${value.map((item) => columnText(item)).join(",")}}`;
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Bytes as text, where they are UTF-8. */
export function utf8OrUndefined(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
