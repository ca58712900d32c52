// The page: a bar above, the tree on the left, the chosen process on the right.
/** @import { App, Shown } from "../app.js" */
import { html } from "../html.js";
import { shownProc } from "../model.js";
import { Answer } from "./answer.js";
import { Context } from "./context.js";
import { Crashes } from "./crashes.js";
import { Header } from "./header.js";
import { Help } from "./help.js";
import { Ladder } from "./ladder.js";
import { Notice } from "./notice.js";
import { Plots } from "./plots.js";
import { Processes } from "./processes.js";
import { Statechart } from "./statechart.js";
import { Supervisor } from "./supervisor.js";
import { TopBar } from "./top-bar.js";

/** @param {{ readonly shown: Shown; readonly app: App }} props */
export function Page({ shown, app }) {
  const { model, link } = shown;
  const dimmed = link.is === "lost" || link.is === "expired";
  return html`<div class=${dimmed ? "page past" : "page"}>
    <a class="skip" href="#main" onClick=${skip}>Skip to the process</a>
    <${TopBar} shown=${shown} app=${app} />
    <${Notice} shown=${shown} app=${app} />
    ${model.seq < 0 ? html`<${Waiting} shown=${shown} />` : html`<${Shell} shown=${shown} app=${app} />`}
    ${shown.choices.help && html`<${Help} app=${app} />`}
    <p id="announcer" class="sr" role="status"></p>
  </div>`;
}

/**
 * Moves the focus without touching the address, which names the process.
 *
 * @param {Event} event
 */
function skip(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** @param {{ readonly shown: Shown }} props */
function Waiting({ shown }) {
  const { link, model } = shown;
  return html`<main id="main" class="waiting" tabindex="-1">
    <h1 class="sr">Trunkline inspector</h1>
    ${(link.is === "connecting" || link.is === "live") && html`<p class="none">Connecting to ${model.hello?.app ?? location.host}…</p>`}
  </main>`;
}

/** @param {{ readonly shown: Shown; readonly app: App }} props */
function Shell({ shown, app }) {
  return html`<div class="shell">
    <${Processes} shown=${shown} app=${app} />
    <main id="main" tabindex="-1">
      <${Process} shown=${shown} app=${app} />
      <div class="two low">
        <${Context} shown=${shown} />
        <${Crashes} shown=${shown} app=${app} />
      </div>
    </main>
  </div>`;
}

/** @param {{ readonly shown: Shown; readonly app: App }} props */
function Process({ shown, app }) {
  const { model } = shown;
  const proc = shownProc(model);
  if (proc === undefined) return html`<section class="pan solo"><h1 class="none">${treeEnded(shown)}</h1></section>`;
  const name = proc.name ?? proc.id;
  if (proc.type === "supervisor" && !proc.detail.includes("ladder")) {
    return html`<section aria-label=${name}>
      <${Header} proc=${proc} shown=${shown} app=${app} />
      <${Supervisor} proc=${proc} shown=${shown} app=${app} />
    </section>`;
  }
  const ladder = proc.detail.includes("ladder");
  return html`<section aria-label=${name}>
    <${Header} proc=${proc} shown=${shown} app=${app} />
    ${proc.detail.includes("answer") && html`<${Answer} proc=${proc} shown=${shown} app=${app} />`}
    <div class=${ladder ? "two" : "two one"}>
      ${ladder && html`<${Ladder} shown=${shown} app=${app} />`}
      <${Statechart} proc=${proc} shown=${shown} />
    </div>
    ${proc.detail.includes("plots") && html`<${Plots} shown=${shown} app=${app} />`}
  </section>`;
}

/** @param {Shown} shown */
function treeEnded({ model }) {
  const last = model.crashes[0];
  return model.procs.size === 0
    ? `The tree has ended${last === undefined ? "" : `: ${last.reason.type}`}.`
    : "Choose a process.";
}
