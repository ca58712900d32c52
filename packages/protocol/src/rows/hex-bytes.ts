/** Each ASCII hexadecimal digit's value, -1 for what is none. */
const digitValues = new Int8Array(256).fill(-1);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  digitValues[digit.charCodeAt(0)] = value;
  digitValues[digit.toUpperCase().charCodeAt(0)] = value;
}

/**
 * The bytes that the hexadecimal digits from `from` (inclusive) to `to` (exclusive) stand for, in memory of their own;
 * `undefined` if there is an odd number of digits or something else among them. Without a string between, so that a
 * value beyond the longest string (about 512 MiB) can be read too.
 */
export function hexBytes(bytes: Uint8Array, from: number, to: number): Buffer | undefined {
  if ((to - from) % 2 !== 0) return undefined;
  const result = Buffer.allocUnsafeSlow((to - from) / 2); // not from the pool: a small value would pin 8 KiB
  let sign = 0;
  for (let at = from, index = 0; at < to; at += 2, index++) {
    const high = digitValues[bytes[at] ?? 0] ?? -1;
    const low = digitValues[bytes[at + 1] ?? 0] ?? -1;
    sign |= high | low;
    result[index] = (high << 4) | low;
  }
  return sign < 0 ? undefined : result;
}
