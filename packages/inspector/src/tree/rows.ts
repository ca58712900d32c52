import type { Guard } from "../guard.ts";
import type { Proc } from "../wire.ts";
import type { CrashLog } from "./crashes.ts";
import type { TreeNode } from "./node.ts";
import { askMetadata, isComingBack, makeRow, type RowContext, supervisedEntry } from "./row.ts";
import type { Tree } from "./tree.ts";

/** Makes the rows of a tree, anew only where something has happened. */
export class Rows {
  readonly #tree: Tree;
  readonly #crashes: CrashLog;
  readonly #context: RowContext;
  readonly #guard: Guard;
  #rows: readonly Proc[] = [];
  #shape = -1;

  constructor(tree: Tree, crashes: CrashLog, context: RowContext, guard: Guard) {
    this.#tree = tree;
    this.#crashes = crashes;
    this.#context = context;
    this.#guard = guard;
  }

  /**
   * The rows now, parents first; the array and each row are the same ones as before where nothing has changed.
   * @param all also what no event tells of is looked at: mailboxes, budgets, what processes say of themselves
   */
  refresh(all: boolean): readonly Proc[] {
    this.#askSupervisors(all);
    this.#dropForgotten();
    let differs = this.#shape !== this.#tree.shape;
    for (const node of this.#tree.all()) {
      if (!all && !node.changed) continue;
      node.changed = false;
      const isNew = this.#guard(`the row of ${node.id}`, () => {
        const row = makeRow(node, this.#context);
        if (node.row !== undefined && isSame(node.row, row)) return false;
        node.row = row;
        return true;
      });
      if (isNew === true) differs = true;
    }
    if (differs) {
      this.#shape = this.#tree.shape;
      this.#rows = [...this.#tree.all()].flatMap(({ row }) => (row === undefined ? [] : [row]));
    }
    return this.#rows;
  }

  // What a supervisor knows decides the rows of its children.
  #askSupervisors(all: boolean): void {
    for (const node of this.#tree.running()) {
      const isDue = all || (node.changed && (node.row === undefined || node.supervised !== undefined));
      if (!isDue || node.life.type !== "running") continue;
      const { actor } = node.life;
      this.#guard(`what ${node.id} tells of itself`, () => askMetadata(node, actor));
      if (node.supervised !== undefined) markChanged(node.children);
    }
  }

  // An ended child keeps its place while its supervisor keeps it; without a supervisor, a crash stays to be read.
  #dropForgotten(): void {
    for (const node of [...this.#tree.ended()]) {
      if (node.life.type !== "ended") continue;
      const entry = supervisedEntry(node);
      if (entry !== undefined && isComingBack(node, node.life.reason, entry))
        this.#crashes.restarting(node.ref, undefined);
      const keeps = node.parent?.supervised === undefined ? node.life.reason.type === "error" : entry !== undefined;
      if (!keeps) this.#tree.drop(node);
    }
  }
}

function markChanged(nodes: readonly TreeNode[]): void {
  for (const node of nodes) node.changed = true;
}

function isSame(before: Proc, after: Proc): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
