// A statechart's places: every box and arrow, in the drawing's own units. Several widths are tried, and the one is taken
// that can be read best in the room there is.
/** @import { Chart } from "../src/wire.ts" */
/** @import { Level, LevelArrow } from "./chart-levels.js" */
/** @import { Point } from "./chart-route.js" */
/** @import { Measure, Size } from "./chart-rows.js" */
import { levelsOf, rootOf } from "./chart-levels.js";
import { route } from "./chart-route.js";
import { rowsOf } from "./chart-rows.js";
import { arrowLabel } from "./chart-words.js";

/**
 * @typedef {object} Box
 * @property {string} id of the state
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {boolean} compound
 *
 * @typedef {object} DrawnArrow
 * @property {LevelArrow} arrow
 * @property {string} path the `d` of its path
 * @property {string} text
 * @property {Point} label the middle of its baseline
 *
 * @typedef {object} ChartLayout
 * @property {number} width
 * @property {number} height
 * @property {readonly Box[]} boxes those that hold others come first
 * @property {readonly DrawnArrow[]} arrows
 * @property {Point | undefined} start where the first arrow begins, which leads to the right
 */

/** A box holds its state's name, and below it since when the state is active. */
const boxHeight = 32;
const titleHeight = 26;
const pad = 10;
const startRoom = 22;

/**
 * @param {Chart} chart
 * @param {Measure} measure
 * @param {Size} room
 * @returns {ChartLayout}
 */
export function layOut(chart, measure, room) {
  const levels = levelsOf(chart);
  const candidates = [0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.8, 2.2].map((times) =>
    layOutWithin(chart, levels, measure, room.width * times),
  );
  const scale = (/** @type {Size} */ { width, height }) => Math.min(1, room.width / width, room.height / height);
  return candidates.reduce((best, other) => (scale(other) > scale(best) ? other : best));
}

/** @type {(chart: Chart, levels: ReadonlyMap<string, Level>, measure: Measure, maxWidth: number) => ChartLayout} */
function layOutWithin(chart, levels, measure, maxWidth) {
  const keys = new Map(chart.states.map((state) => [state.id, state.key]));
  const labelWidth = (/** @type {LevelArrow} */ arrow) => measure(arrowLabel(arrow.edges), "edge");

  /** @type {(id: string, within: number) => { size: Size; boxes: Box[]; arrows: DrawnArrow[]; first: Point | undefined }} */
  const place = (id, within) => {
    const level = levels.get(id) ?? { states: [], arrows: [] };
    const inner = new Map(
      level.states
        .filter((state) => levels.has(state.id))
        .map((state) => [state.id, place(state.id, within - 2 * pad)]),
    );
    const sizeOf = (/** @type {string} */ state) => {
      const own = Math.ceil(measure(keys.get(state) ?? "", "state")) + 22;
      const size = inner.get(state)?.size;
      if (size === undefined) return { width: Math.max(52, own), height: boxHeight };
      return { width: Math.max(own, size.width + 2 * pad), height: size.height + titleHeight + pad };
    };
    const { rows, width } = rowsOf(level, sizeOf, labelWidth, within);
    const { tops, heights, routed, left, right, height } = route(rows, width, level.arrows, labelWidth);
    /** @type {Box[]} */
    const boxes = [];
    const arrows = routed.map(({ arrow, points, label }) => ({
      arrow,
      path: rounded(points.map((point) => ({ x: point.x + left, y: point.y }))),
      text: arrowLabel(arrow.edges),
      label: { x: label.x + left, y: label.y },
    }));
    for (const box of rows.flat()) {
      const x = box.x + left;
      const y = (tops[box.row] ?? 0) + ((heights[box.row] ?? 0) - box.height) / 2;
      const nested = inner.get(box.id);
      boxes.push({ id: box.id, x, y, width: box.width, height: box.height, compound: nested !== undefined });
      if (nested === undefined) continue;
      const [dx, dy] = [x + (box.width - nested.size.width) / 2, y + titleHeight];
      boxes.push(...nested.boxes.map((other) => ({ ...other, x: other.x + dx, y: other.y + dy })));
      arrows.push(...nested.arrows.map((other) => moved(other, dx, dy)));
    }
    const [first] = boxes;
    return {
      size: { width: width + left + right, height },
      boxes,
      arrows,
      first: first === undefined ? undefined : { x: first.x, y: first.y + first.height / 2 },
    };
  };

  const { size, boxes, arrows, first } = place("", maxWidth);
  const initial = rootOf(chart)?.initial;
  const starts = first !== undefined && initial !== undefined;
  // The dot stands before the first box; when that is not at the edge, there is room already.
  const shift = starts ? Math.max(0, startRoom - first.x) : 0;
  return {
    width: size.width + shift + 4,
    height: size.height + 4,
    boxes: boxes.map((box) => ({ ...box, x: box.x + shift + 2, y: box.y + 2 })),
    arrows: arrows.map((arrow) => moved(arrow, shift + 2, 2)),
    start: starts ? { x: first.x + shift + 2 - startRoom, y: first.y + 2 } : undefined,
  };
}

/** @type {(arrow: DrawnArrow, dx: number, dy: number) => DrawnArrow} */
function moved(arrow, dx, dy) {
  const path = arrow.path.replaceAll(
    /(-?[\d.]+) (-?[\d.]+)/g,
    (_, x, y) => `${round(Number(x) + dx)} ${round(Number(y) + dy)}`,
  );
  return { ...arrow, path, label: { x: arrow.label.x + dx, y: arrow.label.y + dy } };
}

/** Corners are this round. */
const radius = 5;

/** @param {readonly Point[]} way */
function rounded(way) {
  const points = way.filter(
    (point, index) => index === 0 || point.x !== way[index - 1]?.x || point.y !== way[index - 1]?.y,
  );
  return points
    .map((point, index) => {
      const [before, next] = [points[index - 1], points[index + 1]];
      if (before === undefined) return `M${at(point)}`;
      if (next === undefined) return `L${at(point)}`;
      return `L${at(towards(point, before))}Q${at(point)} ${at(towards(point, next))}`;
    })
    .join("");
}

/** @type {(from: Point, to: Point) => Point} */
function towards(from, to) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = Math.min(radius, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** @param {Point} point */
function at({ x, y }) {
  return `${round(x)} ${round(y)}`;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
