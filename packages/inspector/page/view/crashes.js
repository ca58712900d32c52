// What died, why, and what was done about it. It stays after the restart has hidden it from the tree.
/** @import { Crashes as CrashesData } from "../../src/wire.ts" */
/** @import { App, Shown } from "../app.js" */
import { ago, clock, duration, fineClock } from "../format.js";
import { html } from "../html.js";
import { reasonName, reasonText } from "../reason.js";
import { Glyph } from "./glyph.js";

/** @typedef {CrashesData["items"][number]} Crash */

/** @param {{ readonly shown: Shown; readonly app: App }} props */
export function Crashes({ shown, app }) {
  const { model, now } = shown;
  const { crashes, hello } = model;
  return html`<section class="pan" id="crashes" tabindex="-1" aria-labelledby="h-crashes">
    <div class="hd">
      <h2 id="h-crashes">Crashes</h2>${crashes.length > 0 && html`<span>the last ${crashes.length}, kept in memory</span>`}
    </div>
    ${
      crashes.length === 0
        ? html`<p class="none">No crash since ${clock(hello?.recordingFrom ?? now)}.</p>`
        : html`<ol class="crashes">
            ${crashes.map((crash, index) => html`<${CrashItem} key=${crash.n} crash=${crash} first=${index === 0} now=${now} shown=${shown} app=${app} />`)}
          </ol>`
    }
  </section>`;
}

/**
 * @param {{
 *   readonly crash: Crash;
 *   readonly first: boolean;
 *   readonly now: number;
 *   readonly shown: Shown;
 *   readonly app: App;
 * }} props
 */
function CrashItem({ crash, now, shown, app }) {
  const { reason, then } = crash;
  const path = crash.path.length > 1 ? crash.path.slice(1) : crash.path;
  const successor = then.ref;
  const there = successor !== undefined && shown.model.procs.has(successor);
  return html`<li>
    <details>
      <summary>
        <span class="who"><${Glyph} status="crashed" /><b>${path.join(" / ")}</b></span>
        <time datetime=${new Date(crash.at).toISOString()} title=${fineClock(crash.at)}>${ago(now - crash.at)}</time>
        <span class="what"><code>${reasonName(reason)}</code> ${reasonText(reason)}</span>
      </summary>
      <div class="more">
        ${reason.stack !== undefined && reason.stack.length > 0 && html`<pre>${reason.stack.join("\n")}</pre>`}
        <span>
          <${Glyph} status=${then.did === "restarted" || then.did === "restarting" ? "restarting" : "stopped"} />
          ${thenWords(crash)}
          ${there && html`<button type="button" onClick=${() => app.select(successor)}>Go to ${successor}</button>`}
        </span>
      </div>
    </details>
  </li>`;
}

/** @param {Crash} crash */
function thenWords({ then, budget }) {
  const spent = budget === undefined ? "" : `, ${budget.used} of ${budget.max} in ${budget.seconds} s`;
  switch (then.did) {
    case "restarted":
      return `restarted${then.afterMs === undefined ? "" : ` in ${duration(then.afterMs)}`}${spent}`;
    case "restarting":
      return `starting again${spent}`;
    case "not restarted":
      return "not restarted";
    case "gave up":
      return `its supervisor gave up${spent}`;
  }
}
