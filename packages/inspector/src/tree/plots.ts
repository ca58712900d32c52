import type { Answer, Plot } from "@trunkline/process";
import type { Plots, Ref } from "../wire.ts";

/** One sample a second. */
export const stepMs = 1000;
/** Half an hour. */
const samplesKept = 1800;
const bandsKept = 100;

interface Line {
  readonly plot: Omit<Plot, "series">;
  readonly key: string;
  readonly label: string;
  /** By sample number, modulo the number of samples kept; NaN: not known. */
  readonly values: Float64Array;
}

type Band = Plots["bands"][number];

/** The figures of one process over the last half hour, and when it was held up. Samples are numbered by the second. */
export class PlotHistory {
  readonly #lines = new Map<string, Line>();
  #bands: Band[] = [];
  #first: number | undefined;
  #last = -1;

  /** The number of the sample that a moment belongs to. */
  static sampleAt(unixMs: number): number {
    return Math.round(unixMs / stepMs);
  }

  /** The number of the last sample; -1: none yet. */
  get last(): number {
    return this.#last;
  }

  /** Takes a sample. Seconds that were left out become gaps. */
  add(sample: number, plots: readonly Plot[], answer: Answer | undefined): void {
    if (this.#first === undefined) this.#first = sample;
    const from = Math.max(this.#last + 1, sample - samplesKept + 1);
    for (const { values } of this.#lines.values()) {
      for (let missed = from; missed <= sample; missed += 1) values[missed % samplesKept] = Number.NaN;
    }
    this.#last = Math.max(this.#last, sample);
    for (const { series, ...plot } of plots) {
      for (const { key, label, value } of series) {
        this.#line(plot, key, label).values[sample % samplesKept] = value ?? Number.NaN;
      }
    }
    this.#markBand(sample * stepMs, answer);
  }

  /**
   * The samples after `seen`, or all where that is too long ago.
   * @param seen the last sample that was sent; `undefined`: none
   */
  frame(ref: Ref, seen: number | undefined): Plots {
    const oldest = Math.max(this.#first ?? this.#last + 1, this.#last - samplesKept + 1);
    const whole = seen === undefined || seen + 1 < oldest;
    const from = whole ? oldest : seen + 1;
    return {
      t: "plots",
      ref,
      from: from * stepMs,
      stepMs,
      whole,
      bands: this.#bands.filter(({ to }) => to === undefined || to >= oldest * stepMs),
      plots: this.#plots(from),
    };
  }

  #plots(from: number): Plots["plots"] {
    const lines = [...this.#lines.values()];
    const keys = [...new Set(lines.map(({ plot }) => plot.key))];
    return keys.flatMap((key) => {
      const own = lines.filter(({ plot }) => plot.key === key);
      const plot = own[0]?.plot;
      const series = own.map((line) => ({ key: line.key, label: line.label, values: this.#values(line, from) }));
      return plot === undefined ? [] : [{ ...plot, series }];
    });
  }

  #values({ values }: Line, from: number): (number | null)[] {
    const shown: (number | null)[] = [];
    for (let sample = from; sample <= this.#last; sample += 1) {
      const value = values[sample % samplesKept] ?? Number.NaN;
      shown.push(Number.isFinite(value) ? value : null);
    }
    return shown;
  }

  #line(plot: Omit<Plot, "series">, key: string, label: string): Line {
    const id = `${plot.key}/${key}`;
    const known = this.#lines.get(id);
    if (known !== undefined) return known;
    const line = { plot, key, label, values: new Float64Array(samplesKept).fill(Number.NaN) };
    this.#lines.set(id, line);
    return line;
  }

  #markBand(at: number, answer: Answer | undefined): void {
    const open = this.#bands.at(-1);
    const isOpen = open !== undefined && open.to === undefined;
    const isHeld = answer?.tone === "held" || answer?.tone === "broken";
    if (isOpen && !isHeld) this.#bands[this.#bands.length - 1] = { ...open, to: at };
    if (!isOpen && isHeld) this.#bands.push({ from: at, text: answer.sentence });
    if (this.#bands.length > bandsKept) this.#bands.shift();
  }
}
