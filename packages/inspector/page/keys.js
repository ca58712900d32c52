// The keyboard, outside of the tree: the tree has arrows and type-to-find of its own.
/** @import { App } from "./app.js" */

/** @type {readonly (readonly [keys: string, words: string])[]} */
export const keyWords = [
  ["↑ ↓ Home End", "move in the tree"],
  ["→ ←", "open or close; ← on a closed row goes to its parent"],
  ["Enter", "go to the process"],
  ["a letter", "in the tree: the next process whose name begins so"],
  ["/", "filter processes"],
  ["Esc", "clear the filter"],
  ["Space", "pause, go on"],
  ["g, then a l c p x", "go to answer, ladder, statechart, plots, crashes"],
  ["d", "ladder: byte differences in place of positions"],
  ["0", "statechart: fit"],
  ["t", "theme"],
  ["?", "this list"],
];

/** Where `g` and a letter lead: ids of headings' panels. */
const panels = new Map([
  ["a", "answer"],
  ["l", "ladder"],
  ["c", "statechart"],
  ["p", "plots"],
  ["x", "crashes"],
]);

/** How long `g` waits for its letter. */
const sequenceMs = 1500;

/**
 * Listens to the whole page.
 *
 * @param {App} app
 */
export function listenToKeys(app) {
  let goAt = Number.NEGATIVE_INFINITY;
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (inField(event.target)) return;
    const going = event.timeStamp - goAt < sequenceMs;
    goAt = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
    if (going ? goTo(event.key) : press(event, app)) event.preventDefault();
  });
}

/** @param {string} key */
function goTo(key) {
  const panel = document.getElementById(panels.get(key) ?? "");
  panel?.scrollIntoView({ block: "nearest" });
  panel?.focus({ preventScroll: true });
  return panel !== null;
}

/** @type {(event: KeyboardEvent, app: App) => boolean} */
function press(event, app) {
  const { choices } = app.shown();
  switch (event.key) {
    case "/":
      document.getElementById("filter")?.focus();
      return true;
    case "Escape":
      app.choose({ filter: "", only: undefined, crosshair: undefined });
      return false;
    case " ":
      if (event.target instanceof HTMLElement && event.target.closest("button, summary, a") !== null) return false;
      app.togglePause();
      return true;
    case "d":
      app.choose({ differences: !choices.differences });
      return true;
    case "0":
      dispatchEvent(new Event("fit-statechart"));
      return true;
    case "t":
      app.changeTheme();
      return true;
    case "?":
      app.choose({ help: true });
      return true;
    default:
      return false;
  }
}

/** @param {EventTarget | null} target */
function inField(target) {
  return target instanceof HTMLElement && target.closest("input, textarea, select, dialog, [contenteditable]") !== null;
}
