/** A handle that `clearTimeout` of the same clock takes back. */
export type TimerHandle = unknown;

/**
 * Where a process tree gets its time from. It fits XState's `clock` option, so delayed transitions follow it too.
 */
export interface Clock {
  /** Milliseconds since an arbitrary moment; never goes back. Take differences only. */
  now(): number;
  /** Runs `fn` once after `ms` milliseconds. */
  setTimeout(fn: () => void, ms: number): TimerHandle;
  /** Takes a timer back; one that has fired is no error. */
  clearTimeout(handle: TimerHandle): void;
  /** Runs `fn` after pending I/O had its turn (a macrotask); returns a function that cancels it. */
  yieldToLoop(fn: () => void): () => void;
}

/** Node's longest timer; a longer one fires at once, so longer waits are made of several. */
const longestTimeoutMs = 2 ** 31 - 1;

interface RealTimer {
  handle: ReturnType<typeof setTimeout>;
}

/**
 * The machine's own time.
 * @param options.unref `true`: timers of the tree do not keep Node alive. Default `false`: a running tree does.
 */
export function realClock(options: { readonly unref?: boolean } = {}): Clock {
  const arm = (fn: () => void, ms: number): ReturnType<typeof setTimeout> => {
    const handle = setTimeout(fn, ms);
    if (options.unref === true) handle.unref();
    return handle;
  };
  const schedule = (timer: RealTimer, fn: () => void, ms: number): void => {
    timer.handle =
      ms > longestTimeoutMs ? arm(() => schedule(timer, fn, ms - longestTimeoutMs), longestTimeoutMs) : arm(fn, ms);
  };
  return {
    now: () => performance.now(),
    setTimeout(fn, ms) {
      if (ms <= longestTimeoutMs) return arm(fn, ms);
      const timer: RealTimer = { handle: arm(() => schedule(timer, fn, ms - longestTimeoutMs), longestTimeoutMs) };
      return timer;
    },
    clearTimeout(handle) {
      if (isRealTimer(handle)) clearTimeout(handle.handle);
      else clearTimeout(handle as ReturnType<typeof setTimeout> | undefined);
    },
    yieldToLoop(fn) {
      const handle = setImmediate(fn);
      if (options.unref === true) handle.unref();
      return () => clearImmediate(handle);
    },
  };
}

function isRealTimer(handle: TimerHandle): handle is RealTimer {
  return typeof handle === "object" && handle !== null && "handle" in handle;
}
