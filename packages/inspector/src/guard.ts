import type { Logger } from "@trunkline/process";

/** Runs what looks at a process. What it throws goes no further: it is logged, the first time it happens there. */
export type Guard = <T>(where: string, look: () => T) => T | undefined;

/** Makes a guard: who watches must not harm who is watched. */
export function makeGuard(logger: Logger): Guard {
  const told = new Set<string>();
  return (where, look) => {
    try {
      return look();
    } catch (error) {
      if (told.has(where)) return undefined;
      told.add(where);
      try {
        logger.warn({ err: error, where }, `The inspector could not look at ${where}; the process is not affected`);
      } catch {
        // Nor must the logger.
      }
      return undefined;
    }
  };
}
