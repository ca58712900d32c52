import type { AnyActorRef } from "xstate";
import type { ChildType, Restart, Shutdown } from "./child-spec.ts";
import type { ExitReason } from "./exit-reason.ts";

/**
 * What a process tells of itself to people who look, through an inspector or a report. Each part is optional: a part that
 * is absent does not apply. It is made anew whenever somebody looks, so it costs nothing while nobody does. Nothing in it
 * is secret, and row data is in it only where the process puts it there.
 */
export interface ProcessMetadata {
  /** What kind of process it is, in a word or two: `"supervisor"`, `"connection"`. Default: its initial call. */
  readonly kind?: string;
  /** Whose statechart speaks for it, where its own says little: one of its descendants. */
  readonly of?: AnyActorRef;
  /** A question about it, answered in words. */
  readonly answer?: Answer;
  /** Positions in a stream, one above the other, and what lies between them. */
  readonly ladder?: Ladder;
  /** Figures to be plotted over time. Whoever looks samples them and keeps the history. */
  readonly plots?: readonly Plot[];
  /** What a supervisor knows of its children and of its restarts. */
  readonly supervisor?: SupervisorMetadata;
}

/** `broken`: a person must act. `held`: something stops it. `waiting`: it goes on by itself. `fine`: nothing is wrong. */
export type Tone = "fine" | "waiting" | "held" | "broken";

/** One answer with its cause. */
export interface Answer {
  /** Which cause it is, for programs. */
  readonly code: string;
  readonly tone: Tone;
  /** As a reader asks it: `"Why isn't my slot advancing?"`. */
  readonly question: string;
  readonly sentence: string;
  /** Why that is so, where the sentence does not say. */
  readonly because?: string;
  /** What to do. */
  readonly todo?: string;
  /** When its facts were taken, in Unix milliseconds. */
  readonly atMs: number;
  /** The gap of the ladder in which things are held up: the index into `gaps`. */
  readonly heldGap?: number;
}

/** Positions of a stream, from the furthest to the nearest to be forgotten. */
export interface Ladder {
  readonly rungs: readonly Rung[];
  /** What lies between each rung and the next: one fewer than rungs. */
  readonly gaps: readonly Gap[];
  /** What is kept for this process, and how long that can go on. */
  readonly kept?: Kept;
}

/** One position. */
export interface Rung {
  readonly key: string;
  readonly label: string;
  /** What the position means, in a sentence. */
  readonly gloss: string;
  /** Who knows it at first hand. */
  readonly side: "server" | "here";
  /** As text, since a position may not fit a number; `undefined` while it is unknown. */
  readonly position: string | undefined;
  /** When it was learnt, in Unix milliseconds. */
  readonly atMs: number;
}

/** What lies between two positions. */
export interface Gap {
  /** `undefined` where one of the two positions is unknown. */
  readonly bytes: number | undefined;
  readonly text: string;
}

/** What is kept for a process elsewhere. */
export interface Kept {
  readonly bytes: number;
  /** `undefined`: no limit. */
  readonly maxBytes: number | undefined;
  readonly bytesPerSecond: number;
  /** When the limit is reached at this rate, in milliseconds from now; `undefined` when it is not. */
  readonly fullInMs: number | undefined;
}

/** Lines of one unit in one picture. */
export interface Plot {
  readonly key: string;
  readonly title: string;
  /** `"rows/s"`, `"bytes"`. */
  readonly unit: string;
  /** `undefined`: not known now, a gap in the line. */
  readonly series: readonly { readonly key: string; readonly label: string; readonly value: number | undefined }[];
}

/** What a supervisor tells of itself. */
export interface SupervisorMetadata {
  readonly strategy: string;
  readonly maxRestarts: number;
  readonly maxSeconds: number;
  /** The restarts that count against the budget now, oldest first, in milliseconds of the tree's clock. */
  readonly restartedAtMs: readonly number[];
  /** The most children it takes; `undefined`: no limit. */
  readonly maxChildren: number | undefined;
  /** In start order. Of a supervisor of very many children only the first are given; `childCount` counts all. */
  readonly children: readonly SupervisedChild[];
  readonly childCount: number;
}

/** A child as its supervisor knows it. */
export interface SupervisedChild {
  readonly id: string;
  /** `undefined` while it does not run. */
  readonly process: AnyActorRef | undefined;
  readonly status: "running" | "restarting" | "stopped";
  readonly type: ChildType;
  readonly restart: Restart;
  readonly shutdown: Shutdown;
  /** How often it was started again. */
  readonly restarts: number;
  /** How its last incarnation ended, when (milliseconds of the tree's clock), and how long it was away, once it is back. */
  readonly lastExit:
    | { readonly atMs: number; readonly reason: ExitReason; readonly downMs: number | undefined }
    | undefined;
}
