// What a screen reader is told without asking: that the connection changed and that something crashed; no more than one
// thing in five seconds.
/** @import { Shown } from "./app.js" */
import { reasonWords } from "./reason.js";

const restMs = 5000;

let linkSaid = "connecting";
let crashSaid = -1;
let spokeAt = Number.NEGATIVE_INFINITY;

/**
 * Says what is new, unless something was said a moment ago; then it is said, if it still holds, at a later drawing.
 *
 * @param {Shown} shown
 */
export function announce(shown) {
  const region = document.getElementById("announcer");
  if (region === null || performance.now() - spokeAt < restMs) return;
  const words = news(shown);
  if (words === undefined) return;
  region.textContent = words;
  spokeAt = performance.now();
}

/** @param {Shown} shown */
function news({ link, model }) {
  if (link.is !== linkSaid) {
    linkSaid = link.is;
    return linkWords[link.is];
  }
  const newest = model.crashes[0];
  if (newest === undefined || newest.n === crashSaid) return undefined;
  crashSaid = newest.n;
  // What crashed before the page was opened is history, not news.
  return newest.at < (model.hello?.now ?? 0)
    ? undefined
    : `${newest.path.at(-1)} crashed: ${reasonWords(newest.reason)}. ${newest.then.did}.`;
}

/** @type {Record<Shown["link"]["is"], string>} */
const linkWords = {
  connecting: "Connecting.",
  live: "Live.",
  lost: "Lost the process. Trying again.",
  expired: "This link has expired.",
};
