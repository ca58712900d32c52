import type { AnyActorRef } from "xstate";
import type { Reason, Ref } from "../wire.ts";
import { freshNode, type TreeNode } from "./node.ts";

/** How many ended processes are remembered in their places, until it is known what becomes of them. */
const endedKept = 200;

/** What became of a process that was started in the place of one that had ended. */
export interface Succession {
  readonly before: TreeNode;
  readonly after: TreeNode;
}

/**
 * The processes of one actor system, by ref and in order. One that ends keeps its place until another is started there, or
 * until it is dropped.
 */
export class Tree {
  readonly root: TreeNode;
  readonly #now: () => number;
  readonly #running = new Map<Ref, TreeNode>();
  readonly #ended = new Set<TreeNode>();
  /** Grows when a node came, went or moved. */
  shape = 0;

  constructor(root: AnyActorRef, now: () => number) {
    this.#now = now;
    this.root = freshNode(root, undefined, now());
    this.#running.set(this.root.ref, this.root);
  }

  /** The node of a running process. */
  get(ref: Ref): TreeNode | undefined {
    return this.#running.get(ref);
  }

  /** The node of a process, its ancestors' made where they are missing. `undefined`: its parent has ended. */
  add(actor: AnyActorRef, startedAt = this.#now()): TreeNode | undefined {
    const known = this.#running.get(actor.sessionId);
    if (known !== undefined) return known;
    const parent = actor._parent === undefined ? undefined : this.add(actor._parent);
    if (parent === undefined || parent.life.type === "ended") return undefined;
    const node = freshNode(actor, parent, startedAt);
    this.#running.set(node.ref, node);
    this.#place(node, parent);
    return node;
  }

  /** A process has ended, and so have all under it. The root stays; any other keeps its place until it is dropped. */
  end(node: TreeNode, reason: Reason): void {
    if (node.life.type === "ended") return;
    for (const child of node.children) this.#forget(child);
    node.children = [];
    node.life = { type: "ended", at: this.#now(), reason };
    node.supervised = undefined;
    node.metadata = {};
    node.changed = true;
    this.#running.delete(node.ref);
    this.shape += 1;
    if (node === this.root) return;
    this.#ended.add(node);
    const [oldest] = this.#ended;
    if (this.#ended.size > endedKept && oldest !== undefined) this.drop(oldest);
  }

  /** Takes an ended node from its place. */
  drop(node: TreeNode): void {
    const siblings = node.parent?.children;
    const index = siblings?.indexOf(node) ?? -1;
    if (index >= 0) siblings?.splice(index, 1);
    this.#forget(node);
    this.shape += 1;
  }

  /** All nodes, parents first, in order. */
  *all(from: TreeNode = this.root): Generator<TreeNode> {
    yield from;
    for (const child of from.children) yield* this.all(child);
  }

  /** Processes that run now. */
  running(): Iterable<TreeNode> {
    return this.#running.values();
  }

  /** Those that have ended and keep their places. */
  ended(): Iterable<TreeNode> {
    return this.#ended;
  }

  // In the place of the child of the same name that has ended, else last.
  #place(node: TreeNode, parent: TreeNode): void {
    this.shape += 1;
    const index = parent.children.findIndex(({ id, life }) => life.type === "ended" && id === node.id);
    const before = parent.children[index];
    if (before?.life.type !== "ended") {
      parent.children.push(node);
      return;
    }
    const { at, reason } = before.life;
    node.restarts = before.restarts + 1;
    node.lastExit = { at, reason, downMs: Math.max(0, node.startedAt - at) };
    parent.children[index] = node;
    this.#ended.delete(before);
    this.onSuccession?.({ before, after: node });
  }

  /** Told when a process is started in the place of another. */
  onSuccession: ((succession: Succession) => void) | undefined;

  #forget(node: TreeNode): void {
    for (const child of node.children) this.#forget(child);
    node.children = [];
    if (node.life.type === "running") {
      node.life = { type: "ended", at: this.#now(), reason: { type: "shutdown" } };
      this.#running.delete(node.ref);
    }
    this.#ended.delete(node);
  }
}
