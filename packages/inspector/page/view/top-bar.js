// The bar on top: whose page this is, and whether it is live.
/** @import { App, Shown } from "../app.js" */
import { clock, duration, plural } from "../format.js";
import { html } from "../html.js";
import { Glyph } from "./glyph.js";

/** @param {{ readonly shown: Shown; readonly app: App }} props */
export function TopBar({ shown, app }) {
  const { model, choices, pausedAt, now } = shown;
  const { hello } = model;
  const themeWords = choices.theme === "system" ? "follow system" : choices.theme;
  return html`<header class="top">
    <span class="brand"><${Mark} />Trunkline</span>
    ${
      hello !== undefined &&
      html`<span class="where"
        ><b>${hello.app}</b><span class="wide">process ${hello.pid} on ${location.hostname}, Node ${hello.node.replace(/^v/, "")}, up ${duration(now - hello.startedAt)}</span></span
      >`
    }
    <span class="grow"></span>
    <${Live} shown=${shown} />
    ${hello?.control === false && html`<span class="ro wide" title="Started with control: false. Nothing on this page can change a process.">Read only</span>`}
    ${
      model.seq >= 0 &&
      html`<button type="button" class="wide" aria-pressed=${String(pausedAt !== undefined)} onClick=${app.togglePause}>
        Pause <kbd>Space</kbd>
      </button>`
    }
    <button type="button" class="icon wide" aria-label="Keys" title="Keys: ?" onClick=${() => app.choose({ help: true })}>?</button>
    <button type="button" class="icon" aria-label=${`Theme: ${themeWords}`} title=${`Theme: ${themeWords}`} onClick=${app.changeTheme}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="5.5" /><path class="half" d="M8 2.5a5.5 5.5 0 0 1 0 11Z" />
      </svg>
    </button>
  </header>`;
}

function Mark() {
  return html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
    <path d="M3.5 4.5H9a4.5 4.5 0 0 1 4.5 4.5v2.5a2.5 2.5 0 0 0 5 0" /><circle cx="3.5" cy="4.5" r="1.6" />
    <path d="M9 4.5H5.5v11" /><circle cx="5.5" cy="16" r="1.6" />
  </svg>`;
}

/** @param {{ readonly shown: Shown }} props */
function Live({ shown }) {
  const { link, pausedAt, rate } = shown;
  switch (link.is) {
    case "connecting":
      return html`<span class="live"><${Glyph} status="restarting" />Connecting</span>`;
    case "lost":
      return html`<span class="live"><${Glyph} status="crashed" />Lost</span>`;
    case "expired":
      return html`<span class="live"><${Glyph} status="stopped" />Expired</span>`;
    case "live":
      if (pausedAt !== undefined)
        return html`<span class="live"><${Glyph} status="stopped" />Paused at ${clock(pausedAt)}</span>`;
      return html`<span class="live"><${Glyph} status="running" />Live<span class="wide">, ${plural(rate, "update")}/s</span></span>`;
  }
}
