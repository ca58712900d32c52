// Preact and htm, bound once: views are tagged templates, and no step stands between these files and the browser.
/** @import { VNode } from "/vendor/preact.js" */
import htm from "/vendor/htm.js";
import { h } from "/vendor/preact.js";

/** @typedef {(strings: TemplateStringsArray, ...values: unknown[]) => VNode} Html */

// htm's own types describe its CommonJS build; the module that is served exports the function itself.
const { bind } = /** @type {{ bind(create: typeof h): Html }} */ (/** @type {unknown} */ (htm));

/** Markup as a tagged template with exactly one root: `` html`<b class=${name}>${text}</b>` ``. */
export const html = bind.call(htm, h);
