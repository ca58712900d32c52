// The line under the bar that says when the page does not show what is.
/** @import { App, Shown } from "../app.js" */
import { clock, plural } from "../format.js";
import { html } from "../html.js";

/** @param {{ readonly shown: Shown; readonly app: App }} props */
export function Notice({ shown, app }) {
  const { link, model } = shown;
  if (link.is === "expired") {
    return html`<section aria-label="Notice" class="notice bad">
      This link has expired. Take the new one from the log line ‘inspector listening’.
    </section>`;
  }
  if (link.is === "lost") {
    return html`<section aria-label="Notice" class="notice">
      <span>${lostWords(shown)}</span>
      <button type="button" onClick=${app.retryNow}>Try now</button>
    </section>`;
  }
  if (model.hello !== undefined && model.previousPid !== 0) {
    return html`<section aria-label="Notice" class="notice calm">
      <span>${model.hello.app} restarted (pid ${model.previousPid} → ${model.hello.pid}). Showing the new one.</span>
      <button type="button" onClick=${app.dismiss}>Close</button>
    </section>`;
  }
  if (shown.behind) {
    return html`<section aria-label="Notice" class="notice calm over">Your browser is behind: ${plural(Math.max(1, model.skipped), "update")} merged.</section>`;
  }
  return null;
}

/** @param {Shown} shown */
function lostWords({ link, model, waitMs, now }) {
  if (link.is !== "lost") return "";
  const wait = Math.ceil(waitMs / 1000);
  const next = wait === 0 ? "Trying again now." : `Trying again in ${wait} s.`;
  if (model.seq < 0) return `No answer from ${location.host}. ${next}`;
  return `Lost the process at ${clock(now)}. ${next} What you see is from then.`;
}
