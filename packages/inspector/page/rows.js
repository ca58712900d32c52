// The rows of the tree that are to be seen: in start order, without what is folded away or filtered out.
/** @import { Proc, Ref, Status } from "../src/wire.ts" */
/** @import { Model } from "./model.js" */

/**
 * @typedef {object} Row
 * @property {Proc} proc
 * @property {string} place where in the tree it stands; see place.js
 * @property {string} parent the place of its parent; `""` for a root
 * @property {number} level 1 for a root
 * @property {boolean | undefined} open `undefined`: it has no children
 */

/**
 * What the reader chose to see of the tree.
 *
 * @typedef {object} TreeView
 * @property {string} filter
 * @property {Status | undefined} only
 * @property {ReadonlyMap<string, boolean>} opened by place: what the reader opened or closed
 * @property {boolean} narrow on a phone what lies deeper than the root's children starts closed
 */

/** A parent of more children than this starts closed. */
const crowd = 100;

/**
 * The rows to show, parents before their children.
 *
 * @param {Model} model
 * @param {TreeView} view
 * @returns {Row[]}
 */
export function visibleRows(model, view) {
  const wanted = view.filter.trim().toLowerCase();
  const filtering = wanted !== "" || view.only !== undefined;
  /** @type {(ref: Ref, place: string, parent: string, level: number) => Row[]} */
  const below = (ref, place, parent, level) => {
    const proc = model.procs.get(ref);
    if (proc === undefined) return [];
    const refs = model.children.get(ref) ?? [];
    const open = filtering || (view.opened.get(place) ?? !startsClosed(level, refs.length, view.narrow));
    const rows = open ? childRows(refs, place, level + 1) : [];
    const hit = !filtering || (matches(proc, wanted) && (view.only === undefined || proc.status === view.only));
    if (!hit && rows.length === 0) return [];
    return [{ proc, place, parent, level, open: refs.length === 0 ? undefined : open }, ...rows];
  };
  /** @type {(refs: readonly Ref[], parent: string, level: number) => Row[]} */
  const childRows = (refs, parent, level) => {
    /** @type {Map<string, number>} */
    const seen = new Map();
    return refs.flatMap((ref) => {
      const id = encodeURIComponent(model.procs.get(ref)?.id ?? ref);
      const times = seen.get(id) ?? 0;
      seen.set(id, times + 1);
      const name = times === 0 ? id : `${id}~${times}`;
      return below(ref, parent === "" ? name : `${parent}/${name}`, parent, level);
    });
  };
  return childRows(model.children.get("") ?? [], "", 1);
}

/** @type {(level: number, children: number, narrow: boolean) => boolean} */
function startsClosed(level, children, narrow) {
  return (narrow && level >= 2) || children > crowd;
}

/** @type {(proc: Proc, wanted: string) => boolean} */
function matches(proc, wanted) {
  return (
    wanted === "" ||
    [proc.id, proc.name ?? "", proc.value, proc.status, proc.kind].some((text) => text.toLowerCase().includes(wanted))
  );
}

/**
 * How many processes are in each state.
 *
 * @param {Model} model
 * @returns {Record<Status, number>}
 */
export function countByStatus(model) {
  const counts = { running: 0, restarting: 0, stopped: 0, crashed: 0 };
  for (const proc of model.procs.values()) counts[proc.status] += 1;
  return counts;
}
