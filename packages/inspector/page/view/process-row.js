// One process in the tree. It is drawn anew only when something of it changed.
/** @import { Proc } from "../../src/wire.ts" */
/** @import { App } from "../app.js" */
/** @import { Row } from "../rows.js" */
import { Component } from "/vendor/preact.js";
import { ago, count, duration } from "../format.js";
import { html } from "../html.js";
import { reasonName } from "../reason.js";
import { Glyph } from "./glyph.js";

/** A crash tints its row for this long, once. */
const tintMs = 2400;

/** After this time the line about the last exit leaves the tree; the crash stays among the crashes. */
const lastExitShownMs = 60_000;

/**
 * @typedef {{
 *   readonly row: Row;
 *   readonly app: App;
 *   readonly selected: boolean;
 *   readonly stop: boolean;
 *   readonly now: number;
 * }} ProcessRowProps
 */

/** @extends {Component<ProcessRowProps>} */
export class ProcessRow extends Component {
  /** @param {ProcessRowProps} next */
  shouldComponentUpdate(next) {
    const { row, selected, stop, now } = this.props;
    return (
      next.row.proc !== row.proc ||
      next.row.open !== row.open ||
      next.selected !== selected ||
      next.stop !== stop ||
      next.now !== now
    );
  }

  render() {
    const { row, app, selected, stop, now } = this.props;
    const { proc, level, open, place } = row;
    const exit = recentExit(proc, now);
    const fresh = exit !== undefined && exit.reason.type === "error" && now - exit.at < tintMs;
    const click = (/** @type {MouseEvent} */ event) => {
      const onTwisty = event.target instanceof Element && event.target.closest(".tw") !== null;
      if (onTwisty && open !== undefined) app.open(place, !open);
      else app.select(proc.ref);
    };
    return html`<div
      class=${`row${fresh ? " flash" : ""}${exit === undefined ? "" : " two-l"}`}
      role="row"
      aria-level=${level}
      aria-selected=${String(selected)}
      aria-expanded=${open === undefined ? undefined : String(open)}
      tabindex=${stop ? 0 : -1}
      data-place=${place}
      onClick=${click}
    >
      <span class="c-name" role="gridcell" style=${{ "--l": level - 1 }}
        ><i class="tw" aria-hidden="true"></i><${Glyph} status=${proc.status} spoken /><span class="nm" title=${proc.ref}>${proc.name ?? proc.id}</span></span
      >
      <span class=${proc.budget === undefined ? "c-val" : "c-val bud"} role="gridcell">${value(proc)}</span>
      <span class="c-n" role="gridcell">${figure(proc.mailbox)}</span>
      <span class="c-n" role="gridcell">${figure(proc.restarts)}</span>
      ${exit !== undefined && html`<${LastExit} exit=${exit} now=${now} />`}
    </div>`;
  }
}

/** @type {(proc: Proc) => unknown} */
function value(proc) {
  const { budget, children } = proc;
  if (proc.suspended) return "suspended";
  if (proc.status === "restarting") return "restarting";
  if (budget !== undefined && (budget.used > 0 || children === undefined)) return html`<${Budget} budget=${budget} />`;
  if (children !== undefined) return children.count === 1 ? "1 child" : `${count(children.count)} children`;
  return shortValue(proc.value);
}

/**
 * The innermost state: the path is in the header.
 *
 * @param {string} path
 */
function shortValue(path) {
  return path.includes(",") ? path : path.slice(path.lastIndexOf(".") + 1);
}

/** @param {{ readonly budget: NonNullable<Proc["budget"]> }} props */
export function Budget({ budget }) {
  const words = `${budget.used} of ${budget.max} in ${budget.seconds} s`;
  if (budget.max > 6) return html`<span title="Restart budget">${words}</span>`;
  const pips = Array.from(
    { length: budget.max },
    (_, index) => html`<i class=${index < budget.used ? "used" : ""}></i>`,
  );
  return html`<span class="budgeted"
    ><span class="pips" title=${`Restart budget: ${words}`} aria-hidden="true">${pips}</span><span>${words}</span></span
  >`;
}

/** @type {(proc: Proc, now: number) => Proc["lastExit"]} */
function recentExit({ lastExit, status }, now) {
  if (lastExit === undefined || lastExit.reason.type === "normal" || lastExit.reason.type === "shutdown")
    return undefined;
  return status === "running" && now - lastExit.at > lastExitShownMs ? undefined : lastExit;
}

/** @param {{ readonly exit: NonNullable<Proc["lastExit"]>; readonly now: number }} props */
function LastExit({ exit, now }) {
  const back = exit.downMs > 0 ? `, back in ${duration(exit.downMs)}` : "";
  return html`<span class="c-last" role="gridcell"
    ><${Glyph} status="crashed" /><code class="cr">${reasonName(exit.reason)}</code><span>${ago(now - exit.at)}${back}</span></span
  >`;
}

/**
 * A figure that is shown when there is something to see; a screen reader is told the zero.
 *
 * @param {number | null} number
 */
function figure(number) {
  return number === null || number === 0 ? html`<span class="sr">${number ?? "unknown"}</span>` : count(number);
}
