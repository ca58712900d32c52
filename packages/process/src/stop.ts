import { processOf } from "./adopt.ts";
import { CallError } from "./call-error.ts";
import type { Timeout } from "./child-spec.ts";
import { deliverLater } from "./delivery.ts";
import { pidOf } from "./emit-report.ts";
import { type ExitReason, noproc, type ReasonLike, toExitReason } from "./exit-reason.ts";
import { askToStop } from "./finish.ts";
import type { Target } from "./name.ts";
import { isAlive } from "./record.ts";
import { whereis } from "./whereis.ts";

/**
 * Asks a process to stop, and waits until it has. One that traps exits gets `otp.stop` and ends in its own time; any
 * other ends at once with `reason`.
 * @param reason default `normal`
 * @param options.timeoutMs default `"infinity"`; when it has passed the stop goes on
 * @throws CallError (as a rejection) `noproc`, `timeout`, or `exited` when it ended with another reason
 */
export async function stop(
  target: Target,
  reason: ReasonLike = "normal",
  options: { readonly timeoutMs?: Timeout } = {},
): Promise<void> {
  const ref = whereis(target);
  const record = ref === undefined ? undefined : processOf(ref);
  if (record === undefined || !isAlive(record)) {
    throw new CallError("noproc", "There is nothing to stop.", { reason: noproc });
  }
  const wanted = toExitReason(reason);
  const label = pidOf(record.ref);
  const { clock } = record.runtime;
  const { timeoutMs = "infinity" } = options;
  const actual = await new Promise<ExitReason>((resolve, reject) => {
    const timer =
      timeoutMs === "infinity"
        ? undefined
        : clock.setTimeout(
            () => reject(new CallError("timeout", `${label} had not stopped within ${timeoutMs} ms.`)),
            timeoutMs,
          );
    record.waiters ??= [];
    record.waiters.push((ended) => {
      if (timer !== undefined) clock.clearTimeout(timer);
      resolve(ended);
    });
    deliverLater(record, () => {
      if (isAlive(record)) askToStop(record, undefined, wanted);
    });
  });
  if (!sameReason(actual, wanted)) {
    throw new CallError("exited", `${label} stopped, but not with reason ${wanted.type}.`, { reason: actual });
  }
}

function sameReason(a: ExitReason, b: ExitReason): boolean {
  if (a.type === "shutdown" && b.type === "shutdown") return a.info === b.info;
  if (a.type === "error" && b.type === "error") return a.error === b.error;
  return a.type === b.type;
}
