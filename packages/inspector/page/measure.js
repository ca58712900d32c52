// How wide a text is, as the page's own fonts draw it.
/** @import { Measure } from "./chart-rows.js" */

const fonts = { state: "600 12px", edge: "400 11px" };
const pen = document.createElement("canvas").getContext("2d");

/** @type {Measure} */
export function measure(text, font) {
  // Without a canvas: somewhat wider than most.
  if (pen === null) return text.length * 7;
  pen.font = `${fonts[font]} ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}
