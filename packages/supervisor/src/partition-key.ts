/**
 * The partition of a key: an integer's absolute value modulo `partitions`, any other value by a hash of it that is the
 * same in every process and on every machine. Objects count by their JSON.
 */
export function partitionOf(key: unknown, partitions: number): number {
  if (typeof key === "bigint") return Number((key < 0n ? -key : key) % BigInt(partitions));
  if (typeof key === "number" && Number.isSafeInteger(key)) return Math.abs(key) % partitions;
  return hash(`${typeof key}:${typeof key === "object" ? JSON.stringify(key, withBigInts) : String(key)}`) % partitions;
}

const withBigInts = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);

/** FNV-1a, 32 bits, over UTF-16 code units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
