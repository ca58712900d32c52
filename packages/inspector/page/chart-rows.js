// The boxes of one level in rows, as words stand in lines.
/** @import { Level, LevelArrow } from "./chart-levels.js" */

/** @typedef {{ readonly width: number; readonly height: number }} Size */
/** @typedef {Size & { readonly id: string; readonly x: number; readonly row: number }} Placed */
/** @typedef {(text: string, font: "state" | "edge") => number} Measure how wide a text is, in pixels */

/** Between neighbours that no arrow joins. */
const plainGap = 18;

/**
 * Fills rows up to a width. Between neighbours there is room for what stands at the arrows that join them.
 *
 * @param {Level} level
 * @param {(id: string) => Size} sizeOf
 * @param {(arrow: LevelArrow) => number} labelWidth
 * @param {number} maxWidth
 * @returns {{ readonly rows: readonly (readonly Placed[])[]; readonly width: number }}
 */
export function rowsOf(level, sizeOf, labelWidth, maxWidth) {
  /** @type {Placed[][]} */
  const rows = [];
  let x = 0;
  for (const { id } of level.states) {
    const size = sizeOf(id);
    const last = rows.at(-1)?.at(-1);
    const gap = last === undefined ? 0 : gapBetween(level, last.id, id, labelWidth);
    const fits = last !== undefined && x + gap + size.width <= maxWidth;
    if (!fits) {
      rows.push([]);
      x = 0;
    } else x += gap;
    rows.at(-1)?.push({ ...size, id, x, row: rows.length - 1 });
    x += size.width;
  }
  const width = Math.max(0, ...rows.flat().map((box) => box.x + box.width));
  return { rows: rows.map((row) => centered(row, width)), width };
}

/** @type {(level: Level, a: string, b: string, labelWidth: (arrow: LevelArrow) => number) => number} */
function gapBetween(level, a, b, labelWidth) {
  const joining = level.arrows.filter(({ from, to }) => (from === a && to === b) || (from === b && to === a));
  return joining.length === 0 ? plainGap : Math.max(26, ...joining.map((arrow) => labelWidth(arrow) + 14));
}

/**
 * A row of one box stands in the middle, so that what leads to it from above is short; longer rows spread a little.
 *
 * @type {(row: readonly Placed[], width: number) => Placed[]}
 */
function centered(row, width) {
  const last = row.at(-1);
  const free = last === undefined ? 0 : width - last.x - last.width;
  return row.map((box) => ({ ...box, x: box.x + free / 2 }));
}
