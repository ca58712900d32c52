import type { Observatory } from "../observatory.ts";
import type { Delta, Hello, PageFrame, Proc, Ref, ServerFrame } from "../wire.ts";
import { difference } from "./diff.ts";

/** How long a page may leave an update unseen until it is cut off. */
const longestStallMs = 30_000;

/**
 * What one open page has been shown, and what it is shown next. It gets one update at a time, the next one only when it has seen
 * the one before: a page that stalls holds up nothing, and nothing piles up for it.
 */
export class Page {
  readonly #observatory: Observatory;
  readonly #send: (frame: ServerFrame) => void;
  readonly #charts = new Set<string>();
  #rows: readonly Proc[] = [];
  #seq = 0;
  /** When the update was sent that it has not seen yet. */
  #waitingSince: number | undefined;
  #skipped = 0;
  #crashes = -1;
  #selected: Ref | undefined;
  #isDetailDue = false;
  #activity = 0;
  #sample: number | undefined;

  constructor(observatory: Observatory, send: (frame: ServerFrame) => void) {
    this.#observatory = observatory;
    this.#send = send;
  }

  /** The first frames: who we are, the whole tree, the crashes so far. */
  greet(hello: Hello, rows: readonly Proc[], at: number): void {
    this.#rows = rows;
    this.#seq = 1;
    this.#waitingSince = at;
    this.#send(hello);
    this.#send({ t: "tree", seq: this.#seq, procs: rows });
    this.#sendCrashes();
  }

  /** What the page has sent. */
  receive(frame: PageFrame): void {
    switch (frame.t) {
      case "seen":
        if (frame.seq === this.#seq) this.#waitingSince = undefined;
        return;
      case "select":
        this.#selected = frame.ref ?? undefined;
        this.#sample = undefined;
        this.#isDetailDue = true;
        return;
    }
  }

  /** Whether it has left an update unseen for too long. */
  isStalled(at: number): boolean {
    return this.#waitingSince !== undefined && at - this.#waitingSince > longestStallMs;
  }

  /**
   * Shows what is new, unless it has not seen the last update yet.
   * @param beat an update is sent even when nothing is new: it tells that the process lives, and shows that the page does
   */
  update(rows: readonly Proc[], at: number, beat: boolean): void {
    const differs = difference(this.#rows, rows);
    if (differs === undefined && !beat && !this.#hasNewDetail() && !this.#hasNewCrashes()) return;
    if (this.#waitingSince !== undefined) {
      this.#skipped += 1;
      return;
    }
    this.#rows = rows;
    this.#seq += 1;
    this.#waitingSince = at;
    const delta: Delta = {
      t: "delta",
      seq: this.#seq,
      at: Math.round(at),
      ...(differs ?? { changed: [], gone: [] }),
      skipped: this.#skipped,
    };
    this.#skipped = 0;
    this.#send(delta);
    if (this.#hasNewCrashes()) this.#sendCrashes();
    this.#sendSelected();
  }

  #hasNewDetail(): boolean {
    if (this.#isDetailDue) return true;
    return this.#selected !== undefined && this.#observatory.activity(this.#selected) !== this.#activity;
  }

  #hasNewCrashes(): boolean {
    return this.#crashes !== this.#observatory.crashesVersion;
  }

  #sendCrashes(): void {
    this.#crashes = this.#observatory.crashesVersion;
    this.#send(this.#observatory.crashes());
  }

  #sendSelected(): void {
    this.#isDetailDue = false;
    const ref = this.#selected;
    if (ref === undefined) return;
    this.#activity = this.#observatory.activity(ref);
    const detail = this.#observatory.detail(ref);
    if (detail === undefined) return;
    const chart = this.#observatory.chart(ref);
    if (chart !== undefined && !this.#charts.has(chart.id)) {
      this.#charts.add(chart.id);
      this.#send(chart);
    }
    this.#send(detail);
    const last = this.#observatory.lastSample(ref);
    if (last === undefined || last === this.#sample) return;
    const plots = this.#observatory.plots(ref, this.#sample);
    this.#sample = last;
    if (plots !== undefined) this.#send(plots);
  }
}
