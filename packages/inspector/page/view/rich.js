// A sentence with its positions and code set in type of their own.
import { html } from "../html.js";

const pieces = /(`[^`]+`|\b[0-9A-F]{1,8}\/[0-9A-F]{1,8}\b)/;

/**
 * Sets what stands in backticks, and positions such as `0/3A42F0A8`, as code.
 *
 * @param {{ readonly text: string }} props
 */
export function Rich({ text }) {
  const parts = text.split(pieces).map((part, index) => {
    if (index % 2 === 0) return part;
    return html`<code>${part.startsWith("`") ? part.slice(1, -1) : part}</code>`;
  });
  return html`<span>${parts}</span>`;
}
