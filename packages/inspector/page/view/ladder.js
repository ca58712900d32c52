// Where the bytes are: positions from the furthest to the oldest kept, and what lies between.
/** @import { Answer, Ladder as LadderData } from "../../src/wire.ts" */
/** @import { App, Shown } from "../app.js" */
import { ago, bytes } from "../format.js";
import { html } from "../html.js";
import { distances, sampledAt, staleAfter } from "../ladder-figures.js";
import { Rails } from "./rails.js";
import { Rich } from "./rich.js";

/** @typedef {LadderData["rungs"][number]} Rung */
/** @typedef {LadderData["gaps"][number]} Gap */

/** @param {{ readonly shown: Shown; readonly app: App }} props */
export function Ladder({ shown, app }) {
  const { model, now, choices } = shown;
  const { ladder, answer } = model.detail ?? {};
  if (ladder === undefined) {
    return html`<section class="pan" id="ladder" tabindex="-1" aria-labelledby="h-ladder">
      <div class="hd"><h2 id="h-ladder">Where the bytes are</h2></div><p class="none">No facts yet.</p>
    </section>`;
  }
  const sampled = sampledAt(ladder);
  const stale = sampled !== undefined && now - sampled > staleAfter;
  const away = choices.differences ? distances(ladder) : undefined;
  const tone = answer === undefined || answer.tone === "fine" ? undefined : answer.heldGap;
  return html`<section class=${`pan${stale ? " stale" : ""}`} id="ladder" tabindex="-1" aria-labelledby="h-ladder">
    <div class="hd">
      <h2 id="h-ladder">Where the bytes are</h2>
      ${sampled !== undefined && html`<span>sampled ${ago(now - sampled)}${stale ? ": sampler not answering" : ""}</span>`}
    </div>
    <div class=${choices.held ? "ladder lit" : "ladder"}>
      <div class="sides" aria-hidden="true"><span>to scale</span><span>server</span><span>here</span></div>
      <${Rails} ladder=${ladder} held=${tone} />
      <ol>
        ${ladder.rungs.map(
          (rung, index) => html`<li key=${rung.key}>
            <${RungLine} rung=${rung} away=${away?.[index]} now=${now} app=${app} differences=${choices.differences} />
            ${ladder.gaps[index] !== undefined && html`<${GapLine} gap=${ladder.gaps[index]} held=${index === tone} answer=${answer} />`}
          </li>`,
        )}
      </ol>
    </div>
  </section>`;
}

/**
 * @param {{
 *   readonly rung: Rung;
 *   readonly away: number | undefined;
 *   readonly now: number;
 *   readonly app: App;
 *   readonly differences: boolean;
 * }} props
 */
function RungLine({ rung, away, now, differences }) {
  const { label, gloss, lsn, at } = rung;
  const words = lsn === undefined ? "unknown" : differences && away !== undefined ? bytes(-away) : lsn;
  const named = /^[a-z]+_[a-z_]+$/.test(label) ? html`<code>${label}</code>` : label;
  const copy = () => void navigator.clipboard?.writeText(lsn ?? "");
  const about = `${gloss}${lsn === undefined ? "" : `, ${ago(now - at)}. Copy ${lsn}`}`;
  return html`<div class="rung">
    <span class="rn">${named}</span><span class="gl" title=${gloss}>${gloss}</span>
    ${
      lsn === undefined
        ? html`<span class="lsn none">${words}</span>`
        : html`<button type="button" class="lsn" title=${about} onClick=${copy}><code>${words}</code></button>`
    }
  </div>`;
}

/** @param {{ readonly gap: Gap; readonly held: boolean; readonly answer: Answer | undefined }} props */
function GapLine({ gap, held, answer }) {
  const kind = held ? ` hold ${answer?.tone ?? ""}` : gap.bytes === 0 ? " zero" : "";
  return html`<div class=${`gap${kind}`}><b>${gap.bytes === null ? "?" : bytes(gap.bytes)}</b> <${Rich} text=${gap.text} /></div>`;
}
