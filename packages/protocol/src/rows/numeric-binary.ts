import type { ByteReader } from "../byte-reader.ts";

const NEGATIVE = 0x4000;

const special: ReadonlyMap<number, string> = new Map([
  [0xc000, "NaN"],
  [0xd000, "Infinity"],
  [0xf000, "-Infinity"],
]);

/**
 * A binary `numeric` as the text the server has for it: digits to base 10,000, the first of which counts
 * 10,000 ^ `weight`, shown with `scale` digits after the point.
 */
export function numericText(reader: ByteReader): string {
  const count = reader.uint16();
  const weight = reader.int16();
  const at = reader.offset;
  const sign = reader.uint16();
  const scale = reader.uint16();
  const digits: number[] = [];
  for (let index = 0; index < count; index++) {
    const digit = reader.uint16();
    if (digit > 9999) throw reader.malformed(`A numeric digit of ${digit}`);
    digits.push(digit);
  }
  const name = special.get(sign);
  if (name !== undefined) return name;
  if (sign !== 0 && sign !== NEGATIVE) throw reader.malformed(`A numeric sign of ${sign}`, at);

  const group = (index: number): string => String(digits[index] ?? 0).padStart(4, "0");
  let whole = "";
  for (let index = 0; index <= weight; index++) whole += group(index);
  let fraction = "";
  for (let index = weight + 1; fraction.length < scale; index++) fraction += group(index);
  const text = whole.replace(/^0+/, "") || "0";
  return (sign === NEGATIVE ? "-" : "") + (scale === 0 ? text : `${text}.${fraction.slice(0, scale)}`);
}
