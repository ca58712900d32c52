// The answer, before its evidence: a sentence, its cause, and what to do.
/** @import { Answer as AnswerData, Ladder, Proc } from "../../src/wire.ts" */
/** @import { App, Shown } from "../app.js" */
import { ago, bytes, duration } from "../format.js";
import { html } from "../html.js";
import { reasonName, reasonText } from "../reason.js";
import { Rich } from "./rich.js";

/** @param {{ readonly proc: Proc; readonly shown: Shown; readonly app: App }} props */
export function Answer({ proc, shown, app }) {
  const { answer, ladder } = shown.model.detail ?? {};
  if (answer === undefined) {
    return html`<section class="why" id="answer" tabindex="-1" aria-label="Answer"><p class="big none">No facts yet.</p></section>`;
  }
  const light = (/** @type {boolean} */ held) => () => app.choose({ held });
  return html`<section
    class=${`why ${answer.tone}`}
    id="answer"
    tabindex="-1"
    aria-labelledby="h-answer"
    onMouseEnter=${light(true)}
    onMouseLeave=${light(false)}
  >
    <div class="wl"><h2 id="h-answer">${answer.question}</h2></div>
    <div class="wt">
      <p class="big"><${Rich} text=${answer.sentence} /></p>
      ${answer.because !== undefined && html`<p><${Rich} text=${answer.because} /></p>`}
    </div>
    <${ToDo} answer=${answer} proc=${proc} now=${shown.now} />
    ${ladder?.kept !== undefined && html`<${Kept} kept=${ladder.kept} />`}
  </section>`;
}

/** @param {{ readonly answer: AnswerData; readonly proc: Proc; readonly now: number }} props */
function ToDo({ answer, proc, now }) {
  const { lastExit } = proc;
  if (answer.todo !== undefined && answer.todo !== "") {
    return html`<div class="wd"><h3>What to do</h3><p><${Rich} text=${answer.todo} /></p></div>`;
  }
  if (lastExit === undefined) return null;
  return html`<div class="wd">
    <h3>Last exit, ${ago(now - lastExit.at)}</h3>
    <p><code class="crt">${reasonName(lastExit.reason)}</code> ${reasonText(lastExit.reason)}</p>
  </div>`;
}

/** Full within this time is amber, and within the next red. */
const soonMs = 3_600_000;
const nowMs = 600_000;

/** @param {{ readonly kept: NonNullable<Ladder["kept"]> }} props */
function Kept({ kept }) {
  const { maxBytes, fullInMs } = kept;
  const urgency = fullInMs === undefined || fullInMs >= soonMs ? "" : fullInMs < nowMs ? "now" : "soon";
  return html`<div class=${`wb ${urgency}`}>
    <h3>WAL kept for this slot</h3>
    ${maxBytes !== undefined && html`<${Meter} value=${kept.bytes} max=${maxBytes} />`}
    <p><b>${bytes(kept.bytes)}</b>${keptWords(kept)}</p>
  </div>`;
}

/** @param {NonNullable<Ladder["kept"]>} kept */
function keptWords({ maxBytes, fullInMs, bytesPerSecond }) {
  if (maxBytes === undefined) return ". No limit set: max_slot_wal_keep_size = -1.";
  const of = ` of ${bytes(maxBytes)}. `;
  if (fullInMs === undefined) return `${of}Not growing.`;
  return `${of}Full in ${duration(fullInMs)} at ${bytes(bytesPerSecond)}/s.`;
}

/** @param {{ readonly value: number; readonly max: number }} props */
function Meter({ value, max }) {
  const share = max === 0 ? 0 : Math.min(1, value / max);
  return html`<div
    class="meter"
    role="meter"
    aria-label="WAL kept for this slot"
    aria-valuemin="0"
    aria-valuemax=${max}
    aria-valuenow=${Math.min(value, max)}
    aria-valuetext=${`${bytes(value)} of ${bytes(max)}`}
  >
    <i style=${{ width: `${(share * 100).toFixed(1)}%` }}></i>
  </div>`;
}
