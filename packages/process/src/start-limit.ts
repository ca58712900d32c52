import { defaultStartTimeoutMs } from "./child-spec.ts";
import { killed } from "./exit-reason.ts";
import type { Runtime } from "./runtime.ts";
import type { StartOptions } from "./spawn.ts";
import { StartError } from "./start-error.ts";

/**
 * Runs a start within its time and until its signal, which is not aborted yet, is.
 * @param giveUp undoes what the start has made; called when it is cut short
 * @throws StartError (as a rejection) `timeout` or `aborted`, and whatever `run` rejects with
 */
export async function limited<T>(
  runtime: Runtime,
  options: StartOptions,
  giveUp: () => void,
  run: () => Promise<T>,
): Promise<T> {
  const timeoutMs = options.startTimeoutMs ?? defaultStartTimeoutMs;
  const { signal } = options;
  let stopWaiting = (): void => {};
  const limit = new Promise<never>((_, reject) => {
    const fail = (code: "timeout" | "aborted", what: string) => {
      // Rejected first: what giving up makes of the process must not be reported as its own doing.
      reject(new StartError(code, what, { reason: killed }));
      giveUp();
    };
    const handle =
      timeoutMs === "infinity"
        ? undefined
        : runtime.clock.setTimeout(
            () => fail("timeout", `${options.id ?? "The process"} was not ready after ${timeoutMs} ms.`),
            timeoutMs,
          );
    const onAbort = (): void => fail("aborted", `The start of ${options.id ?? "the process"} was given up.`);
    signal?.addEventListener("abort", onAbort, { once: true });
    stopWaiting = () => {
      if (handle !== undefined) runtime.clock.clearTimeout(handle);
      signal?.removeEventListener("abort", onAbort);
    };
  });
  limit.catch(() => {}); // raced below; alone it must not count as unhandled
  try {
    return await Promise.race([limit, run()]);
  } finally {
    stopWaiting();
  }
}
