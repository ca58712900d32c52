// The machine's own definition, laid out, with the active states lit and the last transitions traced.
/** @import { Chart, Detail, Proc } from "../../src/wire.ts" */
/** @import { Shown } from "../app.js" */
import { edgeWords, eventWords, shortWords } from "../chart-words.js";
import { clock, plural } from "../format.js";
import { html } from "../html.js";
import { Drawing } from "./drawing.js";

/** @param {{ readonly proc: Proc; readonly shown: Shown }} props */
export function Statechart({ proc, shown }) {
  const { model, now } = shown;
  const { detail } = model;
  const spoken = detail?.of === undefined ? proc : model.procs.get(detail.of);
  const chart = spoken?.chart === undefined ? undefined : model.charts.get(spoken.chart);
  return html`<section class="pan" id="statechart" tabindex="-1" aria-labelledby="h-chart">
    <div class="hd"><h2 id="h-chart">Statechart</h2>${detail !== undefined && html`<span>${since(detail, spoken, proc)}</span>`}</div>
    ${chartBody()}
  </section>`;

  function chartBody() {
    if (proc.chart === undefined && detail?.of === undefined) {
      return html`<p class="none">This process publishes no statechart.</p>`;
    }
    if (chart === undefined || detail === undefined) return html`<p class="none">Waiting for the statechart…</p>`;
    return html`<div class="chartrow">
      <${Drawing} key=${chart.id} chart=${chart} detail=${detail} now=${now} room=${roomFor(shown, proc)} />
      <${Transitions} chart=${chart} detail=${detail} />
    </div>`;
  }
}

/**
 * How much room the drawing has: beside the ladder, alone, or on a phone.
 *
 * @type {(shown: Shown, proc: Proc) => { readonly width: number; readonly height: number }}
 */
function roomFor({ choices }, proc) {
  if (choices.narrow) return { width: 350, height: 420 };
  return proc.detail.includes("ladder") ? { width: 350, height: 296 } : { width: 720, height: 400 };
}

/** @type {(detail: Detail, spoken: Proc | undefined, proc: Proc) => string} */
function since(detail, spoken, proc) {
  const of = spoken === undefined || spoken === proc ? "" : `of ${spoken.id}, `;
  return `${of}${plural(detail.eventsSince, "event")} since its last change`;
}

/** How many transitions stand beside the chart. */
const listed = 7;

/** @param {{ readonly chart: Chart; readonly detail: Detail }} props */
function Transitions({ chart, detail }) {
  const edges = new Map(chart.edges.map((edge) => [edge.id, edge]));
  return html`<div class="tl">
    <h3>Last transitions</h3>
    ${detail.transitions.length === 0 && html`<p class="none">None yet.</p>`}
    <ol class="trans">
      ${detail.transitions.slice(0, listed).map((transition, index) => {
        const edge = transition.edge === undefined ? undefined : edges.get(transition.edge);
        const after = edge?.afterMs === undefined ? "" : `after ${edgeWords(edge)}`;
        return html`<li key=${`${transition.at} ${transition.to} ${index}`} class=${index === 0 ? "now" : ""}>
          <b title=${transition.to}>${leaf(transition.to)}</b>
          <span title=${transition.event}>${after || shortWords(eventWords(transition.event))}, <time>${clock(transition.at)}</time></span>
        </li>`;
      })}
    </ol>
  </div>`;
}

/** @param {string} path */
function leaf(path) {
  return path.slice(path.lastIndexOf(".") + 1);
}
