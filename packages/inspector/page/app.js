// The page's state and everything that can change it. A change asks for one drawing in the next frame; a tree or delta
// is acknowledged once it is drawn, so a slow page is sent less.
/** @import { Ref, ServerFrame, Status } from "../src/wire.ts" */
/** @import { LinkState } from "./link.js" */
/** @import { Model } from "./model.js" */
/** @import { Theme } from "./theme.js" */
import { openLink } from "./link.js";
import { nothingYet, received, selecting, shownProc } from "./model.js";
import { hashOf, placeOf, processAt } from "./place.js";
import { nextTheme, storedTheme } from "./theme.js";
import { pageTitle } from "./title.js";

/**
 * What the reader chose.
 *
 * @typedef {object} Choices
 * @property {Theme} theme
 * @property {string} filter
 * @property {Status | undefined} only
 * @property {ReadonlyMap<string, boolean>} opened
 * @property {boolean} narrow
 * @property {boolean} differences byte differences to the first rung in place of positions
 * @property {boolean} held the held rung is lit, since the answer is pointed at
 * @property {number} windowMs how far back the plots reach
 * @property {number | undefined} crosshair a time, in Unix milliseconds of the server
 * @property {string} sort of the children of a supervisor: a column's key; `""` is start order
 * @property {boolean} help
 */

/**
 * Everything a view may draw.
 *
 * @typedef {object} Shown
 * @property {Model} model
 * @property {LinkState} link
 * @property {Choices} choices
 * @property {number | undefined} pausedAt Unix milliseconds of the server
 * @property {number} now Unix milliseconds of the server; stands still while the page is paused or has lost the process
 * @property {number} waitMs until the next try to connect
 * @property {number} rate updates a second
 * @property {boolean} behind this browser could not keep up a moment ago
 */

/** @typedef {ReturnType<typeof createApp>} App */

/** One or two updates in one are a busy moment; from here on the browser is behind. */
const behindFrom = 3;

/** How long a remark about merged updates stays. */
const remarkMs = 5000;

/**
 * The page, started.
 *
 * @param {{ readonly url: string; readonly draw: (shown: Shown, app: App) => void }} options
 */
export function createApp({ url, draw }) {
  const narrow = matchMedia("(max-width: 860px)");
  /** @type {Model} */
  let model = nothingYet;
  /** @type {Model | undefined} */
  let frozen;
  /** @type {LinkState} */
  let link = { is: "connecting" };
  /** @type {Choices} */
  let choices = {
    theme: storedTheme(),
    filter: "",
    only: undefined,
    opened: new Map(),
    narrow: narrow.matches,
    differences: false,
    held: false,
    windowMs: 60_000,
    crosshair: undefined,
    sort: "",
    help: false,
  };
  let clockOffset = 0;
  let seen = -1;
  let behindUntil = 0;
  let scheduled = false;
  /** @type {number[]} */
  let updates = [];
  let hash = location.hash.slice(1);

  const serverNow = () => {
    if (link.is === "lost") return link.at + clockOffset;
    return Date.now() + clockOffset;
  };

  const shown = () => {
    const wallNow = Date.now();
    updates = updates.filter((at) => at > wallNow - 3000);
    /** @type {Shown} */
    const view = {
      model: frozen ?? model,
      link,
      choices,
      pausedAt: frozen === undefined ? undefined : frozen.at,
      now: frozen === undefined ? serverNow() : frozen.at,
      waitMs: link.is === "lost" ? Math.max(0, link.retryAt - wallNow) : 0,
      rate: Math.round(updates.length / 3),
      behind: wallNow < behindUntil,
    };
    return view;
  };

  const drawNow = () => {
    scheduled = false;
    const view = shown();
    draw(view, app);
    document.title = pageTitle(view);
    if (model.seq === seen) return;
    seen = model.seq;
    socket.send({ t: "seen", seq: seen });
  };

  const redraw = () => {
    if (scheduled) return;
    scheduled = true;
    // A hidden tab draws no frames: once a second is enough for its title.
    if (document.hidden) setTimeout(drawNow, 1000);
    else requestAnimationFrame(drawNow);
  };

  /** @param {Partial<Choices>} change */
  const choose = (change) => {
    choices = { ...choices, ...change };
    redraw();
  };

  /** @type {(ref: Ref | undefined) => void} */
  const select = (ref) => {
    const before = model;
    model = selecting(model, ref);
    if (model === before) return;
    frozen = undefined;
    choices = { ...choices, crosshair: undefined, sort: "" };
    const proc = shownProc(model);
    if (proc !== undefined) {
      hash = hashOf(placeOf(model, proc));
      if (location.hash.slice(1) !== hash) history.replaceState(history.state, "", `#${hash}`);
    }
    socket.send({ t: "select", ref: ref ?? null });
    redraw();
  };

  /** Selects what the address names, or what a reader wants to see first, when nothing is selected. */
  const settle = () => {
    if (shownProc(model) !== undefined) return;
    select(processAt(model, hash) ?? firstWorthSeeing(model));
  };

  const socket = openLink({
    url,
    onState(state) {
      link = state;
      redraw();
    },
    onFrame(/** @type {ServerFrame} */ frame) {
      const before = model;
      model = received(model, frame);
      if (frame.t === "hello") {
        clockOffset = frame.now - Date.now();
        seen = -1;
      }
      if (frame.t === "tree") {
        settle();
        // A new connection knows nothing of the selection before it.
        if (before.selected === model.selected) socket.send({ t: "select", ref: model.selected ?? null });
      }
      if (frame.t === "delta") {
        if (frame.skipped >= behindFrom && !document.hidden) behindUntil = Date.now() + remarkMs;
        settle();
        updates.push(Date.now());
      }
      redraw();
    },
  });

  const app = {
    choose,
    select,
    retryNow: () => socket.retryNow(),
    /** Opens or closes the children of a place in the tree. */
    open: (/** @type {string} */ place, /** @type {boolean} */ open) =>
      choose({ opened: new Map(choices.opened).set(place, open) }),
    changeTheme: () => choose({ theme: nextTheme(choices.theme) }),
    /** Takes away the remark that another process is shown than before. */
    dismiss() {
      model = { ...model, previousPid: 0 };
      redraw();
    },
    togglePause() {
      frozen = frozen === undefined ? model : undefined;
      redraw();
    },
    shown,
  };

  addEventListener("hashchange", () => {
    hash = location.hash.slice(1);
    const ref = processAt(model, hash);
    if (ref !== undefined) select(ref);
  });
  narrow.addEventListener("change", () => choose({ narrow: narrow.matches }));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) drawNow();
  });
  // Ages grow without news.
  setInterval(redraw, 1000);
  drawNow();
  return app;
}

/**
 * The first process with an answer, else the first root.
 *
 * @param {Model} model
 */
function firstWorthSeeing(model) {
  let first;
  for (const proc of model.procs.values()) {
    if (proc.detail.includes("answer")) return proc.ref;
    first ??= proc.ref;
  }
  return first;
}
