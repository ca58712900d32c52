/** What was written and what handlers have finished, by the rows' ids. */
export interface RowLog {
  readonly written: ReadonlySet<number>;
  /** How many runs of handlers have finished each row. */
  readonly finished: ReadonlyMap<number, number>;
  wrote(id: number): void;
  finish(id: number): void;
  /** Answers `true` once the condition holds, asked after each finished row; `false` when `timeoutMs` are over before. */
  until(condition: (log: RowLog) => boolean, timeoutMs: number): Promise<boolean>;
}

/** What is left of a {@link RowLog} in the end. */
export interface RowCounts {
  readonly written: number;
  /** Rows that some run of a handler has finished. */
  readonly seen: number;
  /** Rows that no run has finished. */
  readonly lost: number;
  /** Runs that finished a row which had been finished before. */
  readonly again: number;
}

/** Whether every row that was written has been finished. */
export const allSeen = ({ written, finished }: Pick<RowLog, "written" | "finished">): boolean =>
  [...written].every((id) => finished.has(id));

/** An empty log. */
export function rowLog(): RowLog {
  const written = new Set<number>();
  const finished = new Map<number, number>();
  const watchers = new Set<() => void>();
  const log: RowLog = {
    written,
    finished,
    wrote: (id) => void written.add(id),
    finish: (id) => {
      finished.set(id, (finished.get(id) ?? 0) + 1);
      for (const watch of watchers) watch();
    },
    until: (condition, timeoutMs) =>
      new Promise((resolve) => {
        const settle = (holds: boolean): void => {
          clearTimeout(timer);
          watchers.delete(watch);
          resolve(holds);
        };
        const watch = (): void => {
          if (condition(log)) settle(true);
        };
        const timer = setTimeout(() => settle(false), timeoutMs);
        watchers.add(watch);
        watch();
      }),
  };
  return log;
}

/** Counts what was lost. */
export function countRows({ written, finished }: Pick<RowLog, "written" | "finished">): RowCounts {
  const seen = [...written].filter((id) => finished.has(id)).length;
  const runs = [...written].reduce((sum, id) => sum + (finished.get(id) ?? 0), 0);
  return { written: written.size, seen, lost: written.size - seen, again: runs - seen };
}
