import type { Clock } from "@trunkline/process";
import { formatLsn, type Lsn } from "@trunkline/protocol";
import { SubscriptionError } from "../errors/subscription-error.ts";
import type { AfterFailure } from "../policy/failure-policy.ts";
import type { AnyChange, StandaloneMessage } from "./change.ts";
import { Delivery } from "./delivery.ts";
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
  /** Aborted when the subscription ends: from then on nothing is handed out, stored aside or saved. */
  readonly signal: AbortSignal;
  readonly owner: () => CheckpointOwner;
  /** Makes the position durable before it is acknowledged; `undefined` where nobody keeps it. */
  readonly save: ((lsn: Lsn) => Promise<void>) | undefined;
  /** The connection must be made anew, so that a transaction which is no longer held comes again. */
  readonly again: () => void;
  /** A transaction goes to its handler. */
  readonly begins: (work: Work) => void;
  readonly handled: (work: Work, attempts: number) => void;
  readonly failed: (error: unknown, attempt: number, next: AfterFailure) => void;
  /** What began is over: it is handled, or comes again. */
  readonly settled: () => void;
}

/**
 * Hands out one transaction after another and finishes each when its handler is through. Returns when the intake hands
 * out no more.
 * @throws SubscriptionError `handler_failed`, `park_failed`; what saving the checkpoint throws
 */
export async function dispatchAll(parts: DispatcherParts): Promise<void> {
  const failures = new Map<Lsn, number>();
  for (let work = await parts.intake.next(); work !== undefined; work = await parts.intake.next()) {
    parts.begins(work);
    await handle(parts, work, failures);
    parts.settled();
  }
}

/** Runs the handler until it is through; or until what it works on has to come again, or nobody waits for it. */
async function handle(parts: DispatcherParts, work: Work, failures: Map<Lsn, number>): Promise<void> {
  const at = work.type === "message" ? work.end : work.held.head.commitLsn;
  for (;;) {
    const attempt = (failures.get(at) ?? 0) + 1;
    const delivery = work.type === "message" ? undefined : new Delivery(work.held, parts.signal);
    const transaction =
      delivery === undefined || work.type === "message"
        ? undefined
        : transactionOf({ held: work.held, attempt, delivery, owner: parts.owner });
    try {
      await runHandler(parts, work, transaction);
    } catch (error) {
      if (isOver(parts, work)) return; // not the handler's fault
      failures.set(at, attempt);
      const next = await afterFailure(parts, work, { error, attempt, transaction });
      if (next === "retry") continue;
      if (next === "comesAgain") return;
    } finally {
      delivery?.over();
    }
    if (!(await finish(parts, work))) return;
    if (failures.size > 0) failures.delete(at);
    parts.handled(work, attempt);
    return;
  }
}

/** Whether this delivery no longer counts: it comes again, here or to whoever owns the slot next. */
const isOver = ({ intake, signal }: DispatcherParts, { ticket }: Work): boolean =>
  signal.aborted || !intake.running(ticket);

/** Only a promise is waited for. */
async function runHandler(
  { handlers, signal }: DispatcherParts,
  work: Work,
  transaction: Transaction | undefined,
): Promise<void> {
  const { onTransaction, onChange, onMessage } = handlers;
  if (work.type === "message") {
    await onMessage?.(work.message);
    return;
  }
  if (transaction === undefined) return;
  if (onTransaction !== undefined) {
    await onTransaction(transaction);
    return;
  }
  const { held } = work;
  held.rewind();
  for (;;) {
    const change = held.takeReady() ?? (await held.next()).value;
    if (change === undefined) return;
    signal.throwIfAborted();
    const answer = onChange?.(change, transaction);
    if (answer !== undefined) await answer;
  }
}

interface Failure {
  readonly error: unknown;
  readonly attempt: number;
  readonly transaction: Transaction | undefined;
}

async function afterFailure(
  parts: DispatcherParts,
  work: Work,
  { error, attempt, transaction }: Failure,
): Promise<"retry" | "parked" | "comesAgain"> {
  const { intake, policy } = parts;
  intake.failed(work.ticket);
  const next = policy.afterFailure(attempt);
  if (next.type === "retry") {
    parts.failed(error, attempt, next);
    await wait(parts, next.waitMs);
    if (parts.signal.aborted) return "comesAgain";
    if (work.type === "message" || work.held.replayable) return "retry";
    intake.comesAgain(work.ticket);
    parts.again();
    return "comesAgain";
  }
  if (next.type === "stop" || policy.park === undefined || transaction === undefined) {
    parts.failed(error, attempt, { type: "stop" });
    throw new SubscriptionError("handler_failed", `The handler failed ${times(attempt)} at ${where(work)}.`, {
      cause: error,
    });
  }
  parts.failed(error, attempt, next);
  try {
    await policy.park(transaction, error);
  } catch (cause) {
    throw new SubscriptionError("park_failed", `The transaction at ${where(work)} could not be stored aside.`, {
      cause,
    });
  }
  return "parked";
}

/** Makes it durable. Answers whether it is: its connection may be lost before its Commit came, or the subscription. */
async function finish(parts: DispatcherParts, work: Work): Promise<boolean> {
  const { intake, save } = parts;
  try {
    const end = work.type === "message" ? work.end : (work.held.endLsn ?? (await wholeOf(work.held)));
    if (isOver(parts, work)) return false;
    if (save !== undefined) await save(end);
  } catch (error) {
    if (work.type === "transaction" && work.held.cut) return false;
    throw error;
  }
  intake.finished(work.ticket);
  return true;
}

/** Where it ends; what the handler did not read is dropped, so that the rest of it can arrive. */
function wholeOf(held: HeldTransaction): Promise<Lsn> {
  held.discard();
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
