import type { Clock } from "@trunkline/process";
import { formatLsn, type Lsn } from "@trunkline/protocol";
import { SubscriptionError } from "../errors/subscription-error.ts";
import type { AfterFailure } from "../policy/failure-policy.ts";
import type { AnyChange, StandaloneMessage } from "./change.ts";
import type { HeldTransaction } from "./held-transaction.ts";
import type { Intake, Work } from "./intake.ts";
import { type CheckpointOwner, type Transaction, transactionOf } from "./transaction.ts";

/** What is run for each transaction or change. */
export interface Handlers {
  readonly onTransaction: ((transaction: Transaction) => unknown) | undefined;
  readonly onChange: ((change: AnyChange, transaction: Transaction) => unknown) | undefined;
  readonly onMessage: ((message: StandaloneMessage) => unknown) | undefined;
}

/** What becomes of a transaction whose handler fails. */
export interface FailurePolicy {
  /** What follows so many failures in a row, from 1. */
  readonly afterFailure: (failures: number) => AfterFailure;
  /** Stores a transaction aside, so that the next can go on. */
  readonly park: ((transaction: Transaction, error: unknown) => unknown) | undefined;
}

/** What a dispatcher works with. */
export interface DispatcherParts {
  readonly intake: Intake;
  readonly handlers: Handlers;
  readonly policy: FailurePolicy;
  readonly clock: Clock;
  /** Aborted when the subscription ends. */
  readonly signal: AbortSignal;
  readonly owner: () => CheckpointOwner;
  /** Makes the position durable before it is acknowledged. */
  readonly save: (lsn: Lsn) => Promise<void>;
  /** The connection must be made anew, so that a transaction which is no longer held comes again. */
  readonly again: () => void;
  readonly handled: (work: Work, attempts: number) => void;
  readonly failed: (error: unknown, attempt: number, next: "retry" | "park" | "stop") => void;
}

/**
 * Hands out one transaction after another and finishes each when its handler is through. Returns when the intake hands
 * out no more.
 * @throws SubscriptionError `handler_failed`, `park_failed`; what saving the checkpoint throws
 */
export async function dispatchAll(parts: DispatcherParts): Promise<void> {
  const attempts = new Map<Lsn, number>();
  for (let work = await parts.intake.next(); work !== undefined; work = await parts.intake.next()) {
    const at = work.type === "message" ? work.end : work.held.head.commitLsn;
    const outcome = await runUntilSettled(parts, work, attempts, at);
    if (outcome === "comesAgain") continue;
    attempts.delete(at);
  }
}

/** Runs a handler until it is through, or what it works on has to come again. */
async function runUntilSettled(
  parts: DispatcherParts,
  work: Work,
  attempts: Map<Lsn, number>,
  at: Lsn,
): Promise<"finished" | "comesAgain"> {
  for (;;) {
    const attempt = (attempts.get(at) ?? 0) + 1;
    attempts.set(at, attempt);
    const delivery = deliveryOf(parts, work, attempt);
    try {
      await delivery.run();
    } catch (error) {
      if (!parts.intake.running(work.ticket)) {
        attempts.set(at, attempt - 1); // not the handler's fault
        return "comesAgain";
      }
      const next = await afterFailure(parts, work, delivery, { error, attempt });
      if (next === "retry") continue;
      if (next === "comesAgain") return "comesAgain";
    } finally {
      delivery.over();
    }
    return finish(parts, work, attempt);
  }
}

interface Delivery {
  readonly transaction: Transaction | undefined;
  run(): Promise<void>;
  over(): void;
}

function deliveryOf({ handlers, owner, signal }: DispatcherParts, work: Work, attempt: number): Delivery {
  if (work.type === "message") {
    return {
      transaction: undefined,
      run: async () => void (await handlers.onMessage?.(work.message)),
      over: () => {},
    };
  }
  // Not AbortSignal.any: the signal of the subscription would remember each transaction for as long as it lives.
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  const transaction = transactionOf({ held: work.held, attempt, signal: controller.signal, owner });
  work.held.whenCut = () => controller.abort();
  return {
    transaction,
    run: () => runHandler(handlers, transaction),
    over: () => {
      work.held.whenCut = undefined;
      signal.removeEventListener("abort", abort);
    },
  };
}

async function runHandler({ onTransaction, onChange }: Handlers, transaction: Transaction): Promise<void> {
  if (onTransaction !== undefined) {
    await onTransaction(transaction);
    return;
  }
  if (onChange === undefined) return;
  for await (const change of transaction.changes) {
    const answer = onChange(change, transaction);
    if (answer !== undefined) await answer;
  }
}

interface Failure {
  readonly error: unknown;
  readonly attempt: number;
}

async function afterFailure(
  parts: DispatcherParts,
  work: Work,
  { transaction }: Delivery,
  { error, attempt }: Failure,
): Promise<"retry" | "parked" | "comesAgain"> {
  const { intake, policy } = parts;
  intake.failed(work.ticket);
  const next = policy.afterFailure(attempt);
  if (next.type === "retry") {
    parts.failed(error, attempt, "retry");
    await wait(parts, next.waitMs);
    if (work.type === "message" || work.held.replayable) return "retry";
    intake.comesAgain(work.ticket);
    parts.again();
    return "comesAgain";
  }
  if (next.type === "stop" || policy.park === undefined || transaction === undefined) {
    parts.failed(error, attempt, "stop");
    throw new SubscriptionError("handler_failed", `The handler failed ${times(attempt)} at ${where(work)}.`, {
      cause: error,
    });
  }
  parts.failed(error, attempt, "park");
  try {
    await policy.park(transaction, error);
  } catch (cause) {
    throw new SubscriptionError("park_failed", `The transaction at ${where(work)} could not be stored aside.`, {
      cause,
    });
  }
  return "parked";
}

async function finish(parts: DispatcherParts, work: Work, attempt: number): Promise<"finished" | "comesAgain"> {
  const { intake } = parts;
  try {
    const end = work.type === "message" ? work.end : await wholeOf(work.held);
    if (!intake.running(work.ticket)) return "comesAgain";
    await parts.save(end);
  } catch (error) {
    if (work.type === "transaction" && work.held.cut) return "comesAgain";
    throw error;
  }
  intake.finished(work.ticket);
  parts.handled(work, attempt);
  return "finished";
}

/** Where it ends; what the handler did not read is dropped, so that the rest of it can arrive. */
function wholeOf(held: HeldTransaction): Promise<Lsn> {
  if (held.endLsn === undefined) held.discard();
  return held.whole();
}

function wait({ clock, signal }: DispatcherParts, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = clock.setTimeout(over, ms);
    signal.addEventListener("abort", over, { once: true });
  });
}

const where = (work: Work): string => formatLsn(work.type === "message" ? work.end : work.held.head.commitLsn);
const times = (count: number): string => (count === 1 ? "once" : `${count} times`);
