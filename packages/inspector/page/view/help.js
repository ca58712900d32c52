// The list of keys.
/** @import { App } from "../app.js" */
import { html } from "../html.js";
import { keyWords } from "../keys.js";

/** @param {{ readonly app: App }} props */
export function Help({ app }) {
  const close = () => app.choose({ help: false });
  const show = (/** @type {HTMLDialogElement | null} */ dialog) => {
    if (dialog !== null && !dialog.open) dialog.showModal();
  };
  return html`<dialog class="help" aria-labelledby="h-keys" ref=${show} onClose=${close}>
    <h2 id="h-keys">Keys</h2>
    <dl>
      ${keyWords.map(([keys, words]) => html`<div key=${keys}><dt><kbd>${keys}</kbd></dt><dd>${words}</dd></div>`)}
    </dl>
    <button type="button" onClick=${close}>Close</button>
  </dialog>`;
}
