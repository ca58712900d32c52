// Axes that people can read.
import { bytes, count, significant } from "./format.js";

/**
 * The smallest round number that the values stay below; halves of it are round as well.
 *
 * @param {number} largest
 * @param {string} unit bytes count in powers of 1024
 */
export function ceiling(largest, unit) {
  if (!(largest > 0)) return isBytes(unit) ? 1024 : 1;
  const base = isBytes(unit) ? 1024 ** Math.floor(Math.log(largest) / Math.log(1024)) : 1;
  const power = 10 ** Math.floor(Math.log10(largest / base));
  for (const step of [1, 2, 4, 5, 10]) {
    if (largest / base <= step * power) return step * power * base;
  }
  return 20 * power * base;
}

/**
 * A value with its unit: what stands large and what follows it.
 *
 * @param {number} value
 * @param {string} unit
 * @returns {readonly [number: string, unit: string]}
 */
export function valueWords(value, unit) {
  if (!isBytes(unit))
    return [value >= 100 ? count(Math.round(value)) : String(Number(significant(value))), short(unit)];
  const [number = "", name = ""] = bytes(value).split(" ");
  return [number, unit === "bytes" ? name : `${name}/s`];
}

/**
 * What stands at a line of the axis.
 *
 * @param {number} value
 * @param {string} unit
 */
export function axisWords(value, unit) {
  const [number, name] = valueWords(value, unit);
  return name === "" ? number : `${number} ${name}`;
}

/** @param {string} unit */
function isBytes(unit) {
  return unit === "bytes" || unit === "bytes/s";
}

/** @param {string} unit */
function short(unit) {
  return unit === "seconds" ? "s" : unit === "milliseconds" ? "ms" : unit.endsWith("/s") ? "" : unit;
}
