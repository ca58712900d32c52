// The keyboard inside the tree, as the treegrid pattern has it: moving selects.
// https://www.w3.org/WAI/ARIA/apg/patterns/treegrid/
/** @import { App } from "../app.js" */
/** @import { Row } from "../rows.js" */

/** Letters typed within this time of one another are one word. */
const wordMs = 800;

let typed = "";
let typedAt = Number.NEGATIVE_INFINITY;

/**
 * Moves, opens, closes or finds.
 *
 * @type {(event: KeyboardEvent, rows: readonly Row[], app: App) => void}
 */
export function moveInTree(event, rows, app) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const element = event.target instanceof Element ? event.target.closest("[data-place]") : null;
  const at = rows.findIndex((row) => row.place === element?.getAttribute("data-place"));
  const row = rows[at];
  if (row === undefined) return;
  const handled = act(event, rows, at, row, app);
  if (handled) event.preventDefault();
}

/** @type {(event: KeyboardEvent, rows: readonly Row[], at: number, row: Row, app: App) => boolean} */
function act(event, rows, at, row, app) {
  switch (event.key) {
    case "ArrowDown":
      return go(rows[at + 1], app);
    case "ArrowUp":
      return go(rows[at - 1], app);
    case "Home":
      return go(rows[0], app);
    case "End":
      return go(rows.at(-1), app);
    case "ArrowRight":
      if (row.open === false) app.open(row.place, true);
      else if (row.open === true) go(rows[at + 1], app);
      return true;
    case "ArrowLeft":
      if (row.open === true) app.open(row.place, false);
      else
        go(
          rows.find((other) => other.place === row.parent),
          app,
        );
      return true;
    case "Enter":
      app.select(row.proc.ref);
      document.getElementById("main")?.focus();
      return true;
    default:
      return /^[\p{L}\p{N}_-]$/u.test(event.key) && find(event, rows, at, app);
  }
}

/** @type {(row: Row | undefined, app: App) => boolean} */
function go(row, app) {
  if (row === undefined) return true;
  app.select(row.proc.ref);
  const element = document.querySelector(`[data-place="${CSS.escape(row.place)}"]`);
  if (element instanceof HTMLElement) element.focus();
  return true;
}

/** @type {(event: KeyboardEvent, rows: readonly Row[], at: number, app: App) => boolean} */
function find(event, rows, at, app) {
  typed = event.timeStamp - typedAt < wordMs ? typed + event.key.toLowerCase() : event.key.toLowerCase();
  typedAt = event.timeStamp;
  // A longer word may still be the row that its beginning found.
  const start = typed.length > 1 ? at : at + 1;
  const order = [...rows.slice(start), ...rows.slice(0, start)];
  return go(
    order.find(({ proc }) => (proc.name ?? proc.id).toLowerCase().startsWith(typed)),
    app,
  );
}
