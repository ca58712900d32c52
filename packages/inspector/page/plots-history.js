// The figures of the selected process, joined from the frames that brought them.
/** @import { Plots } from "../src/wire.ts" */

/** How far back a plot reaches. */
export const keptMs = 30 * 60_000;

/**
 * The history with a frame's values at their times. Seconds that no frame brought stay gaps.
 *
 * @param {Plots | undefined} before
 * @param {Plots} frame
 * @returns {Plots}
 */
export function joinPlots(before, frame) {
  if (before === undefined || frame.whole || before.stepMs !== frame.stepMs) return frame;
  const { stepMs } = frame;
  const limit = Math.ceil(keptMs / stepMs);
  const offset = Math.round((frame.from - before.from) / stepMs);
  const length = Math.max(...frame.plots.flatMap((plot) => plot.series.map((series) => series.values.length)), 0);
  const cut = Math.max(0, offset + length - limit);
  const plots = frame.plots.map((plot) => {
    const known = before.plots.find((other) => other.key === plot.key);
    const series = plot.series.map((line) => {
      const values = [...(known?.series.find((other) => other.key === line.key)?.values ?? [])];
      while (values.length < offset) values.push(null);
      values.splice(offset, line.values.length, ...line.values);
      return { ...line, values: values.slice(cut) };
    });
    return { ...plot, series };
  });
  return { ...frame, from: before.from + cut * stepMs, whole: true, plots, bands: joinBands(before, frame) };
}

/** @type {(before: Plots, frame: Plots) => Plots["bands"]} */
function joinBands(before, frame) {
  const bands = new Map([...before.bands, ...frame.bands].map((band) => [band.from, band]));
  return [...bands.values()];
}

/**
 * How many seconds of figures there are.
 *
 * @param {Plots} plots
 */
export function collectedMs(plots) {
  const lengths = plots.plots.flatMap((plot) => plot.series.map((series) => series.values.length));
  return Math.max(0, ...lengths) * plots.stepMs;
}
