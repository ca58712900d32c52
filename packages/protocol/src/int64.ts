/** One 64-bit cell seen in three ways: two stores and one load make a bigint without intermediate ones. */
const cell = new ArrayBuffer(8);
const halves = new Uint32Array(cell);
const unsigned = new BigUint64Array(cell);
const signed = new BigInt64Array(cell);

halves[0] = 1;
const lowIndex = unsigned[0] === 1n ? 0 : 1;
const highIndex = 1 - lowIndex;

/** The unsigned 64-bit integer with these two unsigned 32-bit halves. Allocates the bigint and nothing else. */
export function uint64FromHalves(high: number, low: number): bigint {
  halves[highIndex] = high;
  halves[lowIndex] = low;
  return unsigned[0] ?? 0n;
}

/** The two's complement 64-bit integer with these two 32-bit halves. Allocates the bigint and nothing else. */
export function int64FromHalves(high: number, low: number): bigint {
  halves[highIndex] = high;
  halves[lowIndex] = low;
  return signed[0] ?? 0n;
}
