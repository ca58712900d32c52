// The drawing beside the ladder: a bar true to scale, a fan to evenly spaced rungs, and the line that the bytes take
// from the server through this process and back.
/** @import { Ladder } from "../../src/wire.ts" */
import { html } from "../html.js";
import { toScale } from "../ladder-figures.js";

/** A rung and the gap below it, as high as in ladder.css. */
const rung = 20;
const gap = 18;
const pitch = rung + gap;
const first = rung / 2;
const serverX = 66;
const hereX = 102;

/** @param {{ readonly ladder: Ladder; readonly held: number | undefined }} props */
export function Rails({ ladder, held }) {
  const { rungs } = ladder;
  const last = rungs.length - 1;
  const height = pitch * Math.max(0, last) + rung;
  const scale = toScale(ladder, height - 20).map(({ from, to }) => ({ from: from + 10, to: to + 10 }));
  const y = (/** @type {number} */ index) => first + pitch * index;
  const x = (/** @type {number} */ index) => (rungs[index]?.side === "here" ? hereX : serverX);
  const end = (/** @type {number} */ index) => (index === 0 ? 10 : (scale[index - 1]?.to ?? 10));
  const firstHere = rungs.findIndex((rung) => rung.side === "here");
  const keptOnly = (/** @type {number} */ index) =>
    index > firstHere && rungs[index]?.side === "server" && rungs[index + 1]?.side === "server";
  return html`<svg class="rails" width="116" height=${height} viewBox=${`0 0 116 ${height}`} aria-hidden="true">
    <defs>
      <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path class="hatchln" d="M0 0V5" />
      </pattern>
    </defs>
    <rect class="bar" x="1" y="10" width="12" height=${height - 20} rx="3" />
    ${scale.map(({ from, to }, index) => {
      if (to === from) return null;
      const kind =
        index === held ? "hold" : keptOnly(index) ? "seg-kept" : index >= firstHere ? "seg-here" : "seg-wire";
      return html`<rect class=${`seg ${kind}`} x="1" y=${fixed(from)} width="12" height=${fixed(to - from)} rx=${to - from > 6 ? 3 : 0} />`;
    })}
    ${held !== undefined && scale[held] !== undefined && html`<path class="fanfill" d=${fill(scale[held], y(held))} />`}
    ${rungs.map((rung, index) => {
      const from = fixed(end(index));
      return html`<path key=${rung.key} class="fan" d=${`M14 ${from} C33 ${from} 30 ${y(index)} 50 ${y(index)}H${x(index) - 6}`} />`;
    })}
    ${rungs.slice(0, -1).map((rung, index) => {
      const kind = index === held ? " hold" : keptOnly(index) ? " kept" : index === 0 && flowing(ladder) ? " flow" : "";
      return html`<path key=${rung.key} class=${`trunk${kind}`} d=${trunk(x(index), y(index), x(index + 1), y(index + 1))} />`;
    })}
    ${rungs.map((rung, index) => {
      const hold = held !== undefined && (index === held || index === held + 1) ? " hold" : "";
      const known = rung.lsn === undefined ? " unknown" : "";
      return html`<circle key=${rung.key} class=${`dot ${rung.side}${hold}${known}`} cx=${x(index)} cy=${y(index)} r="4" />`;
    })}
  </svg>`;
}

/** @param {Ladder} ladder */
function flowing(ladder) {
  return (ladder.gaps[0]?.bytes ?? 0) > 0;
}

/** @type {(x1: number, y1: number, x2: number, y2: number) => string} */
function trunk(x1, y1, x2, y2) {
  return x1 === x2 ? `M${x1} ${y1}V${y2}` : `M${x1} ${y1}C${x1} ${y1 + 25} ${x2} ${y2 - 25} ${x2} ${y2}`;
}

/** @type {(segment: { readonly from: number; readonly to: number }, y: number) => string} */
function fill(segment, y) {
  const [from, to] = [fixed(segment.from), fixed(segment.to)];
  return `M14 ${from}C33 ${from} 30 ${y + first} 50 ${y + first}V${y + first + gap}C30 ${y + first + gap} 33 ${to} 14 ${to}Z`;
}

/** @param {number} value */
function fixed(value) {
  return value.toFixed(1);
}
