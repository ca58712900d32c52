import { crashed, type ExitReason, type ReasonLike, toExitReason } from "./exit-reason.ts";

const marker: unique symbol = Symbol.for("@trunkline/process.exit-signal");

/**
 * Thrown by a process (in an action, a reducer, a promise, a callback) to end with a reason of its own choice:
 * `throw new ExitSignal("shutdown")`. Without it a throw is an `error` exit and a final state a `normal` one.
 */
export class ExitSignal extends Error {
  override readonly name = "ExitSignal";
  readonly reason: ExitReason;
  readonly [marker] = true;

  constructor(reason: ReasonLike) {
    const resolved = toExitReason(reason);
    super(
      `The process ends with reason ${resolved.type}. Start it through this library, which reads the reason; a bare XState actor shows this error instead.`,
    );
    this.reason = resolved;
  }
}

/** The reason that a thrown value stands for: an `ExitSignal`'s own, else an `error`. */
export function reasonOfThrown(thrown: unknown): ExitReason {
  return isExitSignal(thrown) ? thrown.reason : crashed(thrown);
}

// By marker and not by class: two installed copies of this package make two classes.
function isExitSignal(value: unknown): value is ExitSignal {
  return typeof value === "object" && value !== null && marker in value;
}
