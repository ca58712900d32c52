// The tree of processes: who runs under whom, what restarted, what queues.
/** @import { Status } from "../../src/wire.ts" */
/** @import { App, Shown } from "../app.js" */
/** @import { Row } from "../rows.js" */
import { html } from "../html.js";
import { shownProc } from "../model.js";
import { placeOf } from "../place.js";
import { countByStatus, visibleRows } from "../rows.js";
import { Glyph } from "./glyph.js";
import { ProcessRow } from "./process-row.js";
import { moveInTree } from "./tree-keys.js";

/** @type {readonly Status[]} */
const statuses = ["running", "restarting", "stopped", "crashed"];

/** @param {{ readonly shown: Shown; readonly app: App }} props */
export function Processes({ shown, app }) {
  const { model, choices, now } = shown;
  const rows = visibleRows(model, choices);
  const proc = shownProc(model);
  const selectedPlace = proc === undefined ? "" : placeOf(model, proc);
  const stop = tabStop(rows, selectedPlace);
  return html`<nav class="side" aria-label="Processes">
    <div class="sh"><h2>Processes</h2><${Counts} shown=${shown} app=${app} /></div>
    <${Filter} shown=${shown} app=${app} />
    <div
      role="treegrid"
      aria-label="Supervision tree"
      class="tree"
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => moveInTree(event, rows, app)}
    >
      <div class="cols" role="row">
        <span role="columnheader">Name</span><span role="columnheader">State</span>
        <span role="columnheader" title="Messages waiting in the mailbox">Mail</span>
        <span role="columnheader" title="Restarts since the tree started">Restarts</span>
      </div>
      ${rows.map(
        (row) =>
          html`<${ProcessRow}
            key=${row.place}
            row=${row}
            app=${app}
            selected=${row.proc.ref === model.selected && model.ended === undefined}
            stop=${row.place === stop}
            now=${rowClock(row, now)}
          />`,
      )}
    </div>
    ${rows.length === 0 && html`<p class="none empty">${emptyWords(shown)}</p>`}
  </nav>`;
}

/**
 * The row that Tab leads to: the selected one, else the nearest that is to be seen above it, else the first.
 *
 * @type {(rows: readonly Row[], selectedPlace: string) => string | undefined}
 */
function tabStop(rows, selectedPlace) {
  for (let place = selectedPlace; place !== ""; place = place.slice(0, Math.max(0, place.lastIndexOf("/")))) {
    if (rows.some((row) => row.place === place)) return place;
  }
  return rows[0]?.place;
}

/**
 * The time for a row that shows an age, and a constant for others, so that they are not drawn anew for nothing.
 *
 * @type {(row: Row, now: number) => number}
 */
function rowClock({ proc }, now) {
  return proc.lastExit === undefined && (proc.budget?.used ?? 0) === 0 ? 0 : now;
}

/** @param {Shown} shown */
function emptyWords({ model, choices }) {
  if (model.procs.size > 0) {
    return choices.filter.trim() === ""
      ? `No process is ${choices.only ?? "there"}.`
      : `No process matches ‘${choices.filter.trim()}’.`;
  }
  const last = model.crashes[0];
  return `The tree has ended${last === undefined ? "" : `: ${last.reason.type}`}.`;
}

/** @param {{ readonly shown: Shown; readonly app: App }} props */
function Counts({ shown, app }) {
  const { only } = shown.choices;
  const counts = countByStatus(shown.model);
  return html`<span class="counts" role="group" aria-label="Filter by state">
    ${statuses.map(
      (status) =>
        html`<button
          type="button"
          key=${status}
          aria-pressed=${String(only === status)}
          title=${`${counts[status]} ${status}`}
          onClick=${() => app.choose({ only: only === status ? undefined : status })}
        >
          <${Glyph} status=${status} />${counts[status]}<span class="sr"> ${status}</span>
        </button>`,
    )}
  </span>`;
}

/** @param {{ readonly shown: Shown; readonly app: App }} props */
function Filter({ shown, app }) {
  const type = (/** @type {InputEvent} */ event) => {
    if (event.target instanceof HTMLInputElement) app.choose({ filter: event.target.value });
  };
  const clear = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") app.choose({ filter: "", only: undefined });
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    const row = document.querySelector(".tree [tabindex='0']");
    if (row instanceof HTMLElement) row.focus();
  };
  return html`<label class="filter"
    ><span class="sr">Filter processes</span>
    <input
      id="filter"
      type="search"
      placeholder="Filter by name or state"
      autocomplete="off"
      spellcheck="false"
      value=${shown.choices.filter}
      onInput=${type}
      onKeyDown=${clear}
    /><kbd>/</kbd></label
  >`;
}
