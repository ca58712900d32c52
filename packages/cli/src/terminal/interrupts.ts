/** A process' signals, as `process` tells of them. */
export interface SignalSource {
  on(event: NodeJS.Signals, listener: () => void): unknown;
  off(event: NodeJS.Signals, listener: () => void): unknown;
}

const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * The first Ctrl-C (or `kill`) asks for a tidy end by aborting `signal`; the second one calls `force`. Dispose of it to
 * have signals end the process as they do by themselves.
 */
export function interrupts(
  force: () => void,
  source: SignalSource = process,
): Disposable & { readonly signal: AbortSignal } {
  const first = new AbortController();
  const listener = (): void => {
    if (first.signal.aborted) force();
    else first.abort();
  };
  for (const signal of signals) source.on(signal, listener);
  return {
    signal: first.signal,
    [Symbol.dispose]() {
      for (const signal of signals) source.off(signal, listener);
    },
  };
}
