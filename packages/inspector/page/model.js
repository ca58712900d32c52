// What the page knows, made from frames alone. A frame gives a new model, so a view sees by identity what changed.
/** @import { Chart, Crashes, Delta, Detail, Hello, Plots, Proc, ProcChange, Ref, ServerFrame, Tree } from "../src/wire.ts" */
import { joinPlots } from "./plots-history.js";

/**
 * A process that has ended while it was looked at.
 *
 * @typedef {{ readonly proc: Proc; readonly at: number }} Ended
 */

/**
 * @typedef {object} Model
 * @property {Hello | undefined} hello
 * @property {ReadonlyMap<Ref, Proc>} procs
 * @property {ReadonlyMap<Ref, readonly Ref[]>} children of each parent in start order; roots stand under `""`
 * @property {Ref | undefined} selected
 * @property {Ended | undefined} ended the selected process, once it has gone
 * @property {ReadonlyMap<string, Chart>} charts
 * @property {Detail | undefined} detail
 * @property {Plots | undefined} plots
 * @property {Crashes["items"]} crashes
 * @property {number} seq of the last tree or delta
 * @property {number} at the server's time of the last frame that carried one
 * @property {number} skipped updates that were merged into the last one
 * @property {number} previousPid of the process that this page showed before; 0: there was none
 */

/** @type {Model} */
export const nothingYet = {
  hello: undefined,
  procs: new Map(),
  children: new Map(),
  selected: undefined,
  ended: undefined,
  charts: new Map(),
  detail: undefined,
  plots: undefined,
  crashes: [],
  seq: -1,
  at: 0,
  skipped: 0,
  previousPid: 0,
};

/**
 * The model after a frame.
 *
 * @param {Model} model
 * @param {ServerFrame} frame
 * @returns {Model}
 */
export function received(model, frame) {
  switch (frame.t) {
    case "hello":
      return greeted(model, frame);
    case "tree":
      return planted(model, frame);
    case "delta":
      return changed(model, frame);
    case "chart":
      return { ...model, charts: new Map(model.charts).set(frame.id, frame) };
    case "detail":
      return frame.ref === model.selected ? { ...model, detail: frame, at: Math.max(model.at, frame.at) } : model;
    case "plots":
      return frame.ref === model.selected ? { ...model, plots: joinPlots(model.plots, frame) } : model;
    case "crashes":
      return { ...model, crashes: frame.items };
    default:
      return unknown(model, frame);
  }
}

/**
 * A frame of a newer server: left alone, since the rest can still be shown.
 *
 * @param {Model} model
 * @param {never} _frame
 */
function unknown(model, _frame) {
  return model;
}

/**
 * The model with another process selected; what belonged to the one before is dropped.
 *
 * @param {Model} model
 * @param {Ref | undefined} ref
 * @returns {Model}
 */
export function selecting(model, ref) {
  if (ref === model.selected && model.ended === undefined) return model;
  return { ...model, selected: ref, ended: undefined, detail: undefined, plots: undefined };
}

/**
 * The process that is looked at, running or ended.
 *
 * @param {Model} model
 */
export function shownProc(model) {
  return model.ended?.proc ?? (model.selected === undefined ? undefined : model.procs.get(model.selected));
}

/**
 * The process that runs in the place of one that has ended: the same child of the same parent.
 *
 * @param {Model} model
 * @param {Proc} proc
 */
export function successorOf(model, proc) {
  for (const ref of model.children.get(proc.parent ?? "") ?? []) {
    const other = model.procs.get(ref);
    if (other !== undefined && other.id === proc.id && other.ref !== proc.ref) return other;
  }
  return undefined;
}

/** @type {(model: Model, hello: Hello) => Model} */
function greeted(model, hello) {
  const before = model.hello;
  if (before === undefined || before.pid === hello.pid) return { ...model, hello, at: hello.now, previousPid: 0 };
  return { ...nothingYet, hello, at: hello.now, previousPid: before.pid };
}

/** @type {(model: Model, tree: Tree) => Model} */
function planted(model, tree) {
  const procs = new Map(tree.procs.map((proc) => [proc.ref, proc]));
  /** @type {Map<Ref, Ref[]>} */
  const children = new Map();
  for (const proc of tree.procs) push(children, proc.parent ?? "", proc.ref);
  return withEnded(model, { ...model, procs, children, seq: tree.seq, skipped: 0 }, model.at);
}

/** @type {(model: Model, delta: Delta) => Model} */
function changed(model, delta) {
  const procs = new Map(model.procs);
  const children = new Map(model.children);
  for (const ref of delta.gone) {
    const proc = procs.get(ref);
    procs.delete(ref);
    children.delete(ref);
    if (proc !== undefined) drop(children, proc.parent ?? "", ref);
  }
  for (const change of delta.changed) {
    const before = procs.get(change.ref);
    const after = withChange(before, change);
    procs.set(change.ref, after);
    if (before === undefined) add(children, after.parent ?? "", change.ref);
  }
  for (const [parent, order] of Object.entries(delta.order ?? {})) children.set(parent, order);
  const next = { ...model, procs, children, seq: delta.seq, at: Math.max(model.at, delta.at), skipped: delta.skipped };
  return withEnded(model, next, delta.at);
}

/**
 * A row with its changes; a field that is `null` no longer applies, but for a mailbox, which is then not known.
 *
 * @type {(before: Proc | undefined, change: ProcChange) => Proc}
 */
function withChange(before, change) {
  const fields = Object.entries({ ...before, ...change }).filter(
    ([name, value]) => value !== null || name === "mailbox",
  );
  return /** @type {Proc} */ (/** @type {unknown} */ (Object.fromEntries(fields)));
}

/**
 * Keeps the selected process readable when it goes.
 *
 * @type {(before: Model, after: Model, at: number) => Model}
 */
function withEnded(before, after, at) {
  const { selected } = after;
  if (selected === undefined || after.procs.has(selected) || after.ended !== undefined) return after;
  const proc = before.procs.get(selected);
  return proc === undefined ? { ...after, selected: undefined } : { ...after, ended: { proc, at } };
}

/** @type {(children: Map<Ref, Ref[]>, parent: Ref, ref: Ref) => void} */
function push(children, parent, ref) {
  const siblings = children.get(parent);
  if (siblings === undefined) children.set(parent, [ref]);
  else siblings.push(ref);
}

/** @type {(children: Map<Ref, readonly Ref[]>, parent: Ref, ref: Ref) => void} */
function add(children, parent, ref) {
  children.set(parent, [...(children.get(parent) ?? []), ref]);
}

/** @type {(children: Map<Ref, readonly Ref[]>, parent: Ref, ref: Ref) => void} */
function drop(children, parent, ref) {
  const siblings = children.get(parent);
  if (siblings !== undefined)
    children.set(
      parent,
      siblings.filter((other) => other !== ref),
    );
}
