// The four marks of a status: told apart by shape, and by colour as well.
/** @import { Status } from "../../src/wire.ts" */
import { html } from "../html.js";

/** @type {Record<Status, () => import("/vendor/preact.js").VNode>} */
const shapes = {
  running: () => html`<circle cx="6" cy="6" r="3.6" />`,
  restarting: () => html`<g><path d="M9.8 4A4.3 4.3 0 1 0 10.3 6.4" /><path d="M10.4 1.6V4.4H7.6" /></g>`,
  stopped: () => html`<rect x="2.7" y="2.7" width="6.6" height="6.6" rx="1" />`,
  crashed: () => html`<path d="M2.6 2.6 9.4 9.4M9.4 2.6 2.6 9.4" />`,
};

/**
 * A status as a mark; its word stands beside it, or is given to readers who can't see the mark.
 *
 * @param {{ readonly status: Status; readonly spoken?: boolean }} props
 */
export function Glyph({ status, spoken = false }) {
  return html`<span class="mark"
    ><svg class="g g-${status}" viewBox="0 0 12 12" aria-hidden="true">${shapes[status]()}</svg>${spoken && html`<span class="sr">${status}</span>`}</span
  >`;
}
