// Since when: a few figures over time, with one crosshair over all of them.
/** @import { Plots as PlotsData } from "../../src/wire.ts" */
/** @import { App, Shown } from "../app.js" */
import { clock, duration } from "../format.js";
import { html } from "../html.js";
import { valueWords } from "../plot-scale.js";
import { collectedMs } from "../plots-history.js";
import { Lines } from "./lines.js";

/** @typedef {PlotsData["plots"][number]} Plot */

const windows = [60_000, 300_000, 1_800_000];

/** Fewer values than this are no line yet. */
const enough = 2;

/** @param {{ readonly shown: Shown; readonly app: App }} props */
export function Plots({ shown, app }) {
  const { model, choices, now } = shown;
  const { plots } = model;
  const collected = plots === undefined ? 0 : collectedMs(plots);
  return html`<section class="plots-panel" id="plots" tabindex="-1" aria-label="Rates and lag">
    ${
      plots === undefined || collected < enough * plots.stepMs
        ? html`<p class="none">Collecting: ${Math.floor(collected / 1000)} s so far.</p>`
        : html`<div class="plots">
            ${plots.plots.map((plot) => html`<${PlotFigure} key=${plot.key} plot=${plot} plots=${plots} shown=${shown} app=${app} />`)}
          </div>`
    }
    <div class="windows" role="group" aria-label="How far back">
      ${windows.map(
        (windowMs) =>
          html`<button
            type="button"
            key=${windowMs}
            aria-pressed=${String(choices.windowMs === windowMs)}
            onClick=${() => app.choose({ windowMs })}
          >
            ${windowMs / 60_000} min
          </button>`,
      )}
      ${choices.crosshair !== undefined && html`<span>${clock(choices.crosshair)}, ${duration(now - choices.crosshair)} ago</span>`}
    </div>
  </section>`;
}

/** @param {{ readonly plot: Plot; readonly plots: PlotsData; readonly shown: Shown; readonly app: App }} props */
function PlotFigure({ plot, plots, shown, app }) {
  const { choices, now } = shown;
  const at = choices.crosshair ?? Number.POSITIVE_INFINITY;
  const several = plot.series.length > 1;
  const figures = plot.series.map((series) => {
    const value = valueAt(series.values, plots, at);
    const [number, unit] = value === null ? ["?", ""] : valueWords(value, plot.unit);
    return { key: series.key, label: several ? series.label : unit, number, unit };
  });
  const spoken = figures
    .map(({ number, label, unit }) => `${number} ${several ? `${unit} ${label}` : unit}`.trim())
    .join(", ");
  return html`<figure class="plot">
    <figcaption>
      <span class="pt">${plot.title}</span
      ><span class="pv"
        >${figures.map(
          ({ key, label, number }, index) =>
            html`<span key=${key}>${several && html`<i class=${index === plot.series.length - 1 ? "k b" : "k"}></i>`}<b>${number}</b> ${label} </span>`,
        )}</span
      >
    </figcaption>
    <${Lines} plot=${plot} plots=${plots} now=${now} windowMs=${choices.windowMs} crosshair=${choices.crosshair} spoken=${spoken} app=${app} />
    <div class="xt" aria-hidden="true">
      <span>${duration(choices.windowMs)} ago</span><span>${duration(choices.windowMs / 2)}</span><span>now</span>
    </div>
  </figure>`;
}

/**
 * The value at a time, and the last one after the end.
 *
 * @type {(values: readonly (number | null)[], plots: PlotsData, at: number) => number | null}
 */
function valueAt(values, plots, at) {
  const index = at === Number.POSITIVE_INFINITY ? values.length - 1 : Math.round((at - plots.from) / plots.stepMs);
  return values[index] ?? null;
}
