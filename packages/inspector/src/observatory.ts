import { isProcess, type Logger, metadataOf } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { type Guard, makeGuard } from "./guard.ts";
import { Charts } from "./show/chart.ts";
import { makeDetail } from "./show/detail.ts";
import type { Time } from "./time.ts";
import { CrashLog } from "./tree/crashes.ts";
import type { TreeNode } from "./tree/node.ts";
import { TreeClock } from "./tree/offset.ts";
import { PlotHistory, stepMs } from "./tree/plots.ts";
import { Recorder } from "./tree/recorder.ts";
import { askMetadata } from "./tree/row.ts";
import { Rows } from "./tree/rows.ts";
import { Tree } from "./tree/tree.ts";
import { descendants, rootOf } from "./tree/walk.ts";
import { watchTree } from "./tree/watch.ts";
import type { Chart, Crashes, Detail, Plots, Proc, Ref } from "./wire.ts";

/** How often a process that has just started is asked whether it has figures to plot; later only now and then. */
const plotChances = 3;
/** Every which second all are asked: one may have figures only after a while. */
const everySeconds = 10;

/** A running tree, watched: what every page is shown comes from here. */
export class Observatory {
  /** When it began to watch, in Unix milliseconds. */
  readonly since: number;
  readonly #time: Time;
  readonly #tree: Tree;
  readonly #crashes = new CrashLog();
  readonly #recorder: Recorder;
  readonly #rows: Rows;
  readonly #charts = new Charts();
  readonly #guard: Guard;
  readonly #histories = new Map<Ref, PlotHistory>();
  readonly #chances = new Map<Ref, number>();
  readonly #unwatch: () => void;
  #timer: unknown;

  /**
   * Begins to watch the tree that an actor belongs to, without touching what runs.
   * @param changed told, in the middle of things and often, that something is different
   */
  constructor(actor: AnyActorRef, time: Time, logger: Logger, changed: () => void) {
    const root = rootOf(actor);
    this.#time = time;
    this.since = time.unixMs();
    this.#guard = makeGuard(logger);
    this.#tree = new Tree(root, time.unixMs);
    const clock = new TreeClock(root, time.unixMs);
    this.#rows = new Rows(this.#tree, this.#crashes, { charts: this.#charts, clock }, this.#guard);
    this.#recorder = new Recorder(this.#tree, this.#crashes, time.unixMs, changed);
    this.#unwatch = watchTree(root, this.#recorder, this.#guard);
    for (const known of descendants(root)) this.#tree.add(known);
    this.#sampleLater();
  }

  get rootId(): string {
    return this.#tree.root.id;
  }

  /** The rows now; the same array where nothing has changed. */
  rows(all: boolean): readonly Proc[] {
    this.#guard("the root", () => this.#recorder.checkRoot());
    return this.#rows.refresh(all);
  }

  /** Grows with every crash and with what becomes of one. */
  get crashesVersion(): number {
    return this.#crashes.version;
  }

  crashes(): Crashes {
    return this.#crashes.frame();
  }

  /** Everything about one process; `undefined` when it does not run. */
  detail(ref: Ref): Detail | undefined {
    const node = this.#tree.get(ref);
    if (node?.life.type !== "running") return undefined;
    const { actor } = node.life;
    const at = Math.round(this.#time.unixMs());
    return this.#guard(`the detail of ${node.id}`, () => {
      askMetadata(node, actor);
      return makeDetail({ node, actor, speaker: this.#speaker(node, actor), charts: this.#charts, at });
    });
  }

  /** A number that is another one when something has happened to what `detail` shows of a process. */
  activity(ref: Ref): number {
    const node = this.#tree.get(ref);
    if (node?.life.type !== "running") return -1;
    const speaker = this.#speaker(node, node.life.actor).node;
    return node.received + node.sent + (speaker === node ? 0 : speaker.received);
  }

  /** The statechart that is shown for a process. */
  chart(ref: Ref): Chart | undefined {
    const node = this.#tree.get(ref);
    if (node?.life.type !== "running") return undefined;
    const { actor } = this.#speaker(node, node.life.actor);
    return this.#guard(`the chart of ${node.id}`, () => this.#charts.of(actor)?.chart);
  }

  /** The number of the last sample of a process's figures; `undefined`: it has none. */
  lastSample(ref: Ref): number | undefined {
    return this.#histories.get(ref)?.last;
  }

  /** The figures of a process since a sample. */
  plots(ref: Ref, seen: number | undefined): Plots | undefined {
    return this.#histories.get(ref)?.frame(ref, seen);
  }

  /** Nobody looks any more: nothing that was asked for them is kept. */
  rest(): void {
    for (const node of this.#tree.running()) {
      node.metadata = {};
      node.supervised = undefined;
    }
  }

  /** Lets go of the tree: nothing of the inspector is left in it. */
  close(): void {
    this.#unwatch();
    this.#time.clock.clearTimeout(this.#timer);
    this.#histories.clear();
    this.#chances.clear();
  }

  #speaker(node: TreeNode, actor: AnyActorRef): { readonly node: TreeNode; readonly actor: AnyActorRef } {
    const other = node.metadata.of;
    const speaker = other === undefined ? undefined : this.#tree.get(other.sessionId);
    return speaker?.life.type === "running" ? { node: speaker, actor: speaker.life.actor } : { node, actor };
  }

  // On the second, so that every second has its sample.
  #sampleLater(): void {
    const waitMs = stepMs - (this.#time.unixMs() % stepMs);
    this.#timer = this.#time.clock.setTimeout(() => {
      this.#guard("the figures", () => this.#sample());
      this.#sampleLater();
    }, waitMs);
  }

  // Only processes that plot are asked each second; whether one does is asked when it is young, and then now and then.
  #sample(): void {
    const sample = PlotHistory.sampleAt(this.#time.unixMs());
    const running = new Set<Ref>();
    for (const node of this.#tree.running()) {
      running.add(node.ref);
      if (node.life.type !== "running" || !isProcess(node.life.actor)) continue;
      const chances = this.#chances.get(node.ref) ?? plotChances;
      const isDue = chances > 0 || node.metadata.plots !== undefined || sample % everySeconds === 0;
      if (!isDue && !this.#histories.has(node.ref)) continue;
      this.#chances.set(node.ref, Math.max(0, chances - 1));
      const { actor } = node.life;
      this.#guard(`the figures of ${node.id}`, () => this.#sampleOne(node, actor, sample));
    }
    for (const ref of this.#chances.keys()) if (!running.has(ref)) this.#chances.delete(ref);
    for (const ref of this.#histories.keys()) if (!running.has(ref)) this.#histories.delete(ref);
  }

  #sampleOne(node: TreeNode, actor: AnyActorRef, sample: number): void {
    const { plots, answer } = metadataOf(actor);
    if (plots === undefined) return;
    const history = this.#histories.get(node.ref) ?? new PlotHistory();
    this.#histories.set(node.ref, history);
    history.add(sample, plots, answer);
  }
}
