// What the process knows: its data as text, made unreadable at the source where it is secret.
/** @import { Shown } from "../app.js" */
import { count } from "../format.js";
import { html } from "../html.js";

/** @param {{ readonly shown: Shown }} props */
export function Context({ shown }) {
  const { detail } = shown.model;
  if (detail === undefined || detail.context.text === "") return null;
  const { context, sys } = detail;
  return html`<section class="pan" aria-labelledby="h-context">
    <div class="hd">
      <h2 id="h-context">Data</h2><span>${count(sys.in)} events in, ${count(sys.out)} out</span>
    </div>
    <pre class="context" tabindex="0" aria-labelledby="h-context">${context.text}</pre>
    ${context.cut && html`<p class="none">Cut after 16 KiB.</p>`}
  </section>`;
}
