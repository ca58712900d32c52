import { type Clock, realClock } from "./clock.ts";
import { consoleLogger, type Logger } from "./logger.ts";

/** What a process tree takes from the outside world. The root gets one; its descendants inherit it. */
export interface Runtime {
  readonly clock: Clock;
  /** A number from 0 up to but not including 1, as `Math.random`. */
  readonly random: () => number;
  readonly logger: Logger;
}

/** Makes a runtime; what is left out is real: the machine's clock, `Math.random`, the console from `warn` on. */
export function makeRuntime(parts: Partial<Runtime> = {}): Runtime {
  return {
    clock: parts.clock ?? realClock(),
    random: parts.random ?? Math.random,
    logger: parts.logger ?? consoleLogger(),
  };
}

/** The runtime of a root that was given none. */
export const defaultRuntime: Runtime = makeRuntime();
