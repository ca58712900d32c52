// A process by its place in the tree: the ids from the root down. It outlives an incarnation, so it is what the address
// bar, the folds and the keyboard's place hold on to.
/** @import { Proc, Ref } from "../src/wire.ts" */
/** @import { Model } from "./model.js" */

/**
 * The ids from the root to a process, joined by slashes: `app/orders/connection`.
 *
 * @param {Pick<Model, "procs">} model
 * @param {Proc} proc
 */
export function placeOf(model, proc) {
  const ids = [encodeURIComponent(proc.id)];
  for (let up = parentOf(model, proc); up !== undefined; up = parentOf(model, up))
    ids.unshift(encodeURIComponent(up.id));
  return ids.join("/");
}

/** @type {(model: Pick<Model, "procs">, proc: Proc) => Proc | undefined} */
function parentOf(model, proc) {
  return proc.parent === undefined ? undefined : model.procs.get(proc.parent);
}

/**
 * The part of the address after `#`: the place below the root, and the root's own id for the root.
 *
 * @param {string} place
 */
export function hashOf(place) {
  const slash = place.indexOf("/");
  return slash === -1 ? place : place.slice(slash + 1);
}

/**
 * The process that an address names, if it runs.
 *
 * @param {Model} model
 * @param {string} hash without the `#`
 * @returns {Ref | undefined}
 */
export function processAt(model, hash) {
  if (hash === "") return undefined;
  let root;
  for (const proc of model.procs.values()) {
    const place = placeOf(model, proc);
    if (hashOf(place) !== hash) continue;
    if (proc.parent !== undefined) return proc.ref;
    root ??= proc.ref;
  }
  return root;
}
