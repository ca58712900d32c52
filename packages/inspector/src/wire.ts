// What goes over the WebSocket, in JSON text frames. Positions (LSNs) are text, byte counts numbers, times Unix
// milliseconds of the server, durations end in `Ms`.

/** One incarnation of a process; never used again for another. */
export type Ref = string;

/** What a process is doing, in one word. */
export type Status = "running" | "restarting" | "stopped" | "crashed";

/** Why a process ended. */
export interface Reason {
  readonly type: "normal" | "shutdown" | "killed" | "noproc" | "error";
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly stack?: readonly string[];
}

/** The first frame of every connection. */
export interface Hello {
  readonly t: "hello";
  readonly wire: 1;
  readonly app: string;
  readonly pid: number;
  readonly node: string;
  readonly startedAt: number;
  readonly now: number;
  readonly control: boolean;
  readonly recordingFrom: number;
}

/** What of a process can be shown beside its statechart. */
export type Facet = "answer" | "ladder" | "plots" | "children";

/** One row of the tree. */
export interface Proc {
  readonly ref: Ref;
  readonly parent?: Ref;
  readonly id: string;
  readonly name?: string;
  readonly kind: string;
  readonly type: "worker" | "supervisor";
  readonly status: Status;
  /** Its state, as a path: `connected.streaming`. */
  readonly value: string;
  readonly mailbox: number | null;
  readonly restarts: number;
  readonly startedAt: number;
  /** When its supervisor starts it again; `"none"`: it has no supervisor. */
  readonly restart: string;
  readonly shutdown: number | "infinity" | "brutal_kill";
  readonly suspended: boolean;
  readonly strategy?: string;
  readonly budget?: {
    readonly used: number;
    readonly max: number;
    readonly seconds: number;
    readonly at: readonly number[];
  };
  readonly children?: { readonly count: number; readonly max?: number };
  readonly lastExit?: { readonly at: number; readonly reason: Reason; readonly downMs: number };
  /** Which {@link Chart} is its statechart. */
  readonly chart?: string;
  readonly detail: readonly Facet[];
}

/** The whole tree: in start order, parents first. */
export interface Tree {
  readonly t: "tree";
  readonly seq: number;
  readonly procs: readonly Proc[];
}

/** The fields of a row that changed; one that no longer applies is `null`. A process that is new has all of them. */
export type ProcChange = { readonly [Field in keyof Proc]?: Proc[Field] | null } & { readonly ref: Ref };

/** What changed since the frame before. */
export interface Delta {
  readonly t: "delta";
  readonly seq: number;
  readonly at: number;
  readonly changed: readonly ProcChange[];
  readonly gone: readonly Ref[];
  /** The new order of children, of each parent whose order changed. */
  readonly order?: Readonly<Record<Ref, readonly Ref[]>>;
  /** How many updates were merged into this one because the page was slow. */
  readonly skipped: number;
}

/** A statechart's definition; sent once, when it is first needed. */
export interface Chart {
  readonly t: "chart";
  readonly id: string;
  readonly states: readonly {
    readonly id: string;
    readonly key: string;
    readonly parent?: string;
    readonly kind: "atomic" | "compound" | "parallel" | "final" | "history";
    readonly initial?: string;
  }[];
  readonly edges: readonly {
    readonly id: string;
    readonly from: string;
    readonly to: readonly string[];
    readonly event: string;
    readonly guard?: string;
    readonly afterMs?: number;
  }[];
}

/** What is shown of the selected process. */
export interface Detail {
  readonly t: "detail";
  readonly ref: Ref;
  readonly at: number;
  /** Ids of the states that are active. */
  readonly active: readonly string[];
  /** Since when it is in that state. */
  readonly since: number;
  /** Events taken since then. */
  readonly eventsSince: number;
  /** The last 50, newest first. */
  readonly transitions: readonly {
    readonly at: number;
    readonly edge?: string;
    readonly event: string;
    readonly to: string;
  }[];
  /** At most 16 KiB, redacted at the source. */
  readonly context: { readonly text: string; readonly cut: boolean };
  readonly sys: { readonly in: number; readonly out: number; readonly suspended: boolean };
  /** The process whose chart is shown in place of its own. */
  readonly of?: Ref;
  readonly answer?: Answer;
  readonly ladder?: Ladder;
}

/** A question answered in words. */
export interface Answer {
  readonly code: string;
  readonly tone: "fine" | "waiting" | "held" | "broken";
  readonly question: string;
  readonly sentence: string;
  readonly because?: string;
  readonly todo?: string;
  readonly at: number;
  readonly heldGap?: number;
}

/** Positions of a stream, top to bottom. */
export interface Ladder {
  readonly rungs: readonly {
    readonly key: string;
    readonly label: string;
    readonly gloss: string;
    readonly side: "server" | "here";
    readonly lsn?: string;
    readonly at: number;
  }[];
  readonly gaps: readonly { readonly bytes: number | null; readonly text: string }[];
  readonly kept?: {
    readonly bytes: number;
    readonly maxBytes?: number;
    readonly bytesPerSecond: number;
    readonly fullInMs?: number;
  };
}

/** Figures of the selected process over time, one value each `stepMs` from `from` on. */
export interface Plots {
  readonly t: "plots";
  readonly ref: Ref;
  readonly from: number;
  readonly stepMs: number;
  /** `false`: only what is new since the frame before. */
  readonly whole: boolean;
  /** When something was held up. */
  readonly bands: readonly { readonly from: number; readonly to?: number; readonly text: string }[];
  readonly plots: readonly {
    readonly key: string;
    readonly title: string;
    readonly unit: string;
    readonly series: readonly {
      readonly key: string;
      readonly label: string;
      readonly values: readonly (number | null)[];
    }[];
  }[];
}

/** The last crashes, newest first. */
export interface Crashes {
  readonly t: "crashes";
  readonly items: readonly {
    readonly n: number;
    readonly at: number;
    readonly ref: Ref;
    /** Ids from the root to the process. */
    readonly path: readonly string[];
    readonly reason: Reason;
    readonly then: {
      readonly did: "restarted" | "restarting" | "not restarted" | "gave up";
      readonly afterMs?: number;
      readonly ref?: Ref;
    };
    readonly budget?: { readonly used: number; readonly max: number; readonly seconds: number };
  }[];
}

/** Every frame a page can get. */
export type ServerFrame = Hello | Tree | Delta | Chart | Detail | Plots | Crashes;

/** Every frame a page can send. `seen` acknowledges a tree or delta; the next one is not sent before. */
export type PageFrame =
  | { readonly t: "select"; readonly ref: Ref | null }
  | { readonly t: "seen"; readonly seq: number };
