// The title of the tab says how things are, so that a glance at the tabs will do.
/** @import { Shown } from "./app.js" */
/** @import { Answer } from "../src/wire.ts" */
import { shownProc } from "./model.js";

/** @param {Shown} shown */
export function pageTitle(shown) {
  return `${state(shown)}Trunkline`;
}

/** @param {Shown} shown */
function state({ link, model }) {
  const app = model.hello?.app ?? "";
  switch (link.is) {
    case "connecting":
      return app === "" ? "" : `Connecting to ${app} · `;
    case "lost":
      return `Lost${app === "" ? "" : ` ${app}`} · `;
    case "expired":
      return "Link expired · ";
    case "live":
      return processState(model);
  }
}

/** @param {Shown["model"]} model */
function processState(model) {
  const proc = shownProc(model);
  if (proc === undefined) return "";
  const name = proc.name ?? proc.id;
  if (model.ended !== undefined) return `${name}, ended · `;
  if (proc.status !== "running") return `${name}, ${proc.status} · `;
  const tone = model.detail?.answer?.tone;
  return `${name}${tone === undefined ? "" : toneWords[tone]} · `;
}

/** @type {Record<Answer["tone"], string>} */
const toneWords = { fine: "", waiting: ", waiting", held: ", not advancing", broken: ", broken" };
