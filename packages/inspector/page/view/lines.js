// The lines of one plot. The crosshair is a time, so that it stands at the same moment in each of them.
/** @import { Plots as PlotsData } from "../../src/wire.ts" */
/** @import { App } from "../app.js" */
import { html } from "../html.js";
import { axisWords, ceiling } from "../plot-scale.js";

const width = 300;
const height = 64;

/**
 * @param {{
 *   readonly plot: PlotsData["plots"][number];
 *   readonly plots: PlotsData;
 *   readonly now: number;
 *   readonly windowMs: number;
 *   readonly crosshair: number | undefined;
 *   readonly spoken: string;
 *   readonly app: App;
 * }} props
 */
export function Lines({ plot, plots, now, windowMs, crosshair, spoken, app }) {
  const start = now - windowMs;
  const x = (/** @type {number} */ at) => ((at - start) / windowMs) * width;
  const first = Math.max(0, Math.floor((start - plots.from) / plots.stepMs));
  const visible = plot.series.flatMap((series) => series.values.slice(first).filter((value) => value !== null));
  const top = ceiling(Math.max(0, ...visible), plot.unit);
  const y = (/** @type {number} */ value) => height - (value / top) * (height - 1);
  const at = (/** @type {PointerEvent} */ event) => {
    const box = event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect() : undefined;
    if (box !== undefined) app.choose({ crosshair: start + ((event.clientX - box.left) / box.width) * windowMs });
  };
  const single = plot.series.length === 1;
  return html`<div class="pb">
    <span class="yt high" aria-hidden="true">${axisWords(top, plot.unit)}</span><span class="yt half" aria-hidden="true">${axisWords(top / 2, plot.unit)}</span>
    <svg
      viewBox=${`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label=${`${plot.title}, last ${windowMs / 60_000} min, now ${spoken}`}
      onPointerMove=${at}
      onPointerLeave=${() => app.choose({ crosshair: undefined })}
    >
      ${plots.bands.map((band) => {
        const from = Math.max(0, x(band.from));
        const to = Math.min(width, band.to === undefined ? width : x(band.to));
        return (
          to > from &&
          html`<rect key=${band.from} class="band" x=${from} y="0" width=${to - from} height=${height}><title>${band.text}</title></rect>`
        );
      })}
      <path class="grid" d=${`M0 .5H${width}M0 32H${width}M0 63.5H${width}`} />
      ${plot.series.map((series, index) => {
        const runs = unbroken(series.values, plots, first).map((run) =>
          run.map(([time, value]) => [x(time), y(value)]),
        );
        const last = index === plot.series.length - 1;
        return html`<g key=${series.key}>
          ${single && html`<path class="area" d=${runs.map(area).join("")} />`}
          <path class=${last ? "ln" : "ln soft"} d=${runs.map(line).join("")} />
        </g>`;
      })}
      ${crosshair !== undefined && html`<path class="cross" d=${`M${x(crosshair).toFixed(1)} 0V${height}`} />`}
    </svg>
  </div>`;
}

/**
 * Runs of values without a gap, with their times.
 *
 * @type {(values: readonly (number | null)[], plots: PlotsData, first: number) => [time: number, value: number][][]}
 */
function unbroken(values, plots, first) {
  /** @type {[number, number][][]} */
  const runs = [];
  /** @type {[number, number][]} */
  let run = [];
  for (let index = first; index < values.length; index += 1) {
    const value = values[index];
    if (value === null || value === undefined) {
      if (run.length > 0) runs.push(run);
      run = [];
    } else run.push([plots.from + index * plots.stepMs, value]);
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

/** @param {number[][]} points */
function line(points) {
  return points.map(([x = 0, y = 0], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** @param {number[][]} points */
function area(points) {
  const from = points[0]?.[0] ?? 0;
  const to = points.at(-1)?.[0] ?? 0;
  return `${line(points)}L${to.toFixed(1)} ${height}L${from.toFixed(1)} ${height}Z`;
}
