// The statechart's drawing: boxes and arrows at their places, the active ones lit. Ctrl-scroll zooms, a drag moves, `0`
// fits.
/** @import { Chart, Detail } from "../../src/wire.ts" */
/** @import { ChartLayout } from "../chart-layout.js" */
import { Component } from "/vendor/preact.js";
import { layOut } from "../chart-layout.js";
import { aboutArrow, anywhereWords } from "../chart-words.js";
import { duration } from "../format.js";
import { html } from "../html.js";
import { measure } from "../measure.js";

/**
 * @typedef {object} DrawingProps
 * @property {Chart} chart
 * @property {Detail} detail
 * @property {number} now
 * @property {{ readonly width: number; readonly height: number }} room
 *
 * @typedef {{ zoom: number; x: number; y: number }} View `x`, `y`: the corner, in the drawing's own units
 */

/** @type {View} */
const whole = { zoom: 1, x: 0, y: 0 };
const mostZoom = 6;

/** How many of the last transitions are traced, the newest the thickest. */
const traced = 4;

/** @extends {Component<DrawingProps, View>} */
export class Drawing extends Component {
  /** @type {View} */
  state = whole;
  /** @type {SVGSVGElement | null} */
  svg = null;
  /** @type {{ readonly of: string; readonly layout: ChartLayout } | undefined} */
  laidOut;
  fit = () => this.setState(whole);
  hold = (/** @type {SVGSVGElement | null} */ element) => {
    this.svg = element;
  };

  componentDidMount() {
    addEventListener("fit-statechart", this.fit);
    // A listener that is not passive keeps the page from zooming as well.
    this.svg?.addEventListener("wheel", this.zoom, { passive: false });
  }

  componentWillUnmount() {
    removeEventListener("fit-statechart", this.fit);
    this.svg?.removeEventListener("wheel", this.zoom);
  }

  zoom = (/** @type {WheelEvent} */ event) => {
    if (!event.ctrlKey || this.svg === null) return;
    event.preventDefault();
    const box = this.svg.getBoundingClientRect();
    const { width, height } = this.layout();
    const { zoom, x, y } = this.state;
    const next = Math.min(mostZoom, Math.max(1, zoom * Math.exp(-event.deltaY / 300)));
    const px = ((event.clientX - box.left) / box.width) * width;
    const py = ((event.clientY - box.top) / box.height) * height;
    this.setState(next === 1 ? whole : { zoom: next, x: x + px / zoom - px / next, y: y + py / zoom - py / next });
  };

  drag = (/** @type {PointerEvent} */ event) => {
    if (event.buttons !== 1 || this.svg === null || this.state.zoom === 1) return;
    const unit = this.layout().width / this.state.zoom / this.svg.getBoundingClientRect().width;
    this.setState(({ x, y }) => ({ x: x - event.movementX * unit, y: y - event.movementY * unit }));
  };

  /** The places, made once for a chart and the room it has. */
  layout() {
    const { chart, room } = this.props;
    const of = `${chart.id} ${room.width} ${room.height}`;
    if (this.laidOut?.of !== of) this.laidOut = { of, layout: layOut(chart, measure, room) };
    return this.laidOut.layout;
  }

  render() {
    const { chart, detail, now, room } = this.props;
    const { width, height, start } = this.layout();
    const { zoom, x, y } = this.state;
    const scale = Math.min(1, room.width / width, room.height / height);
    const active = new Set(detail.active);
    const states = new Map(chart.states.map((state) => [state.id, state]));
    const names = chart.states
      .filter((state) => active.has(state.id) && state.parent !== undefined)
      .map((state) => state.key);
    const anywhere = anywhereWords(chart, states);
    return html`<div class="chart-box">
      <svg
        class=${zoom === 1 ? "chart" : "chart zoomed"}
        ref=${this.hold}
        viewBox=${`${x} ${y} ${width / zoom} ${height / zoom}`}
        style=${{ maxWidth: `${Math.round(width * scale)}px` }}
        role="img"
        aria-label=${`Statechart. Active: ${names.join(", ") || "none"}. Transitions are listed beside it.`}
        onPointerMove=${this.drag}
      >
        <${Heads} />
        ${
          start !== undefined &&
          html`<g class="ed"
            ><circle class="init" cx=${start.x + 4} cy=${start.y} r="3.5" /><path class="way" d=${`M${start.x + 8} ${start.y}H${start.x + 21}`} marker-end="url(#ah)"
          /></g>`
        }
        ${this.boxes(active, states, now - detail.since)} ${this.arrows(states)}
      </svg>
      ${anywhere.map(
        ({ state, words }) =>
          html`<p class="any" key=${state.id}>${state.parent === undefined ? "In any state" : `In ${state.key}`}: ${words.join(" · ")}</p>`,
      )}
    </div>`;
  }

  /** @type {(active: ReadonlySet<string>, states: ReadonlyMap<string, Chart["states"][number]>, sinceMs: number) => unknown} */
  boxes(active, states, sinceMs) {
    return this.layout().boxes.map(({ id, x, y, width, height, compound }) => {
      const state = states.get(id);
      const on = active.has(id);
      const note = on && !compound;
      const region = states.get(state?.parent ?? "")?.kind === "parallel";
      const kind = `st${on ? " on" : ""}${compound ? " compound" : ""}${region ? " region" : ""}`;
      return html`<g key=${id} class=${kind} data-state=${id}>
        <rect x=${x} y=${y} width=${width} height=${height} rx=${compound ? 8 : 6} />
        ${state?.kind === "final" && html`<rect class="in" x=${x + 3} y=${y + 3} width=${width - 6} height=${height - 6} rx="4" />`}
        <text x=${compound ? x + 10 : x + width / 2} y=${compound ? y + 17 : y + height / 2 + (note ? -2 : 4)}>${state?.key}</text>
        ${note && html`<text class="note" x=${x + width / 2} y=${y + height - 5}>${duration(sinceMs)}</text>`}
      </g>`;
    });
  }

  /** @param {ReadonlyMap<string, Chart["states"][number]>} states */
  arrows(states) {
    const { transitions } = this.props.detail;
    const recent = transitions.flatMap(({ edge }) => (edge === undefined ? [] : [edge])).slice(0, traced);
    return this.layout().arrows.map(({ arrow, path, text, label }) => {
      const ids = new Set(arrow.edges.map(({ id }) => id));
      const rank = recent.findIndex((id) => ids.has(id));
      const taken = transitions.filter(({ edge }) => edge !== undefined && ids.has(edge)).length;
      return html`<g key=${arrow.id} class=${rank === -1 ? "ed" : `ed t${rank + 1}`} data-arrow=${arrow.id}>
        <title>${[...aboutArrow(arrow.edges, states), `${taken} of the last ${transitions.length} transitions`].join("\n")}</title>
        <path class="hit" d=${path} /><path class="way" d=${path} marker-end=${rank === -1 ? "url(#ah)" : "url(#ah-on)"} />
        <text class="word" x=${label.x} y=${label.y}>${text}</text>
      </g>`;
    });
  }
}

function Heads() {
  return html`<defs><${Head} id="ah" kind="m-line" /><${Head} id="ah-on" kind="m-on" /></defs>`;
}

/** @param {{ readonly id: string; readonly kind: string }} props */
function Head({ id, kind }) {
  return html`<marker
    id=${id}
    viewBox="0 0 8 8"
    refX="6"
    refY="4"
    markerWidth="7"
    markerHeight="7"
    markerUnits="userSpaceOnUse"
    orient="auto"
    ><path class=${kind} d="M1 1 6.5 4 1 7Z"
  /></marker>`;
}
