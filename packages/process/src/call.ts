import type { AnyActorRef } from "xstate";
import { processOf } from "./adopt.ts";
import { CallError, type CallErrorCode } from "./call-error.ts";
import type { Timeout } from "./child-spec.ts";
import { pidOf } from "./emit-report.ts";
import type { CallEvent } from "./events.ts";
import { type ExitReason, noproc } from "./exit-reason.ts";
import { makeFrom } from "./from.ts";
import type { ReplyOf, RequestOf } from "./message-types.ts";
import { describeName, type Target } from "./name.ts";
import { accept } from "./process-actor.ts";
import { isAlive, type PendingCall, type ProcessRecord } from "./record.ts";
import { whereis } from "./whereis.ts";

/** Limits of a call. */
export interface CallOptions {
  /** How long to wait for the reply. Default 5000 ms. The request is not taken back when it has passed. */
  readonly timeoutMs?: Timeout;
  /** Stops waiting when aborted, such as the caller's own `scopeOf(self).signal`. */
  readonly signal?: AbortSignal;
  /** The calling process, so that a call to itself is refused instead of waiting in vain. */
  readonly self?: AnyActorRef;
}

/**
 * Sends `{ type: "call", request, from }` and resolves with what is given to `reply(from, …)`. The types of request and
 * reply come from the target's events (`CallEvent`, `CallEvents`).
 * @throws CallError (as a rejection) `timeout`, `noproc`, `exited`, `calling_self`, `aborted`, `overloaded`
 * @see https://www.erlang.org/doc/apps/stdlib/gen_server.html#call/3
 */
export function call<T extends Target, const Request extends RequestOf<T>>(
  target: T,
  request: Request,
  options: CallOptions = {},
): Promise<ReplyOf<T, Request>> {
  return request_(target, request, options) as Promise<ReplyOf<T, Request>>;
}

async function request_(target: Target, request: unknown, options: CallOptions): Promise<unknown> {
  const ref = whereis(target);
  const label = labelOf(target);
  if (ref === undefined) {
    throw new CallError("noproc", `Nobody holds ${label}.`, { reason: noproc });
  }
  if (ref === options.self) throw new CallError("calling_self", `${label} called itself.`);
  if (options.signal?.aborted === true) throw new CallError("aborted", `${label} was not called.`);
  const record = processOf(ref);
  if (!isAlive(record)) {
    throw new CallError("noproc", `${label} has ended.`, { reason: noproc });
  }
  return new Promise((resolve, reject) => new Caller(record, label, options, resolve, reject).send(request));
}

const labelOf = (target: Target): string =>
  typeof target === "string" ? describeName(target) : "sessionId" in target ? pidOf(target) : target.label;

/** One caller who waits. Whatever comes first settles it; what comes later finds nobody. */
class Caller implements PendingCall {
  #open = true;
  #stopWaiting: (() => void) | undefined;
  readonly #callee: ProcessRecord;
  readonly #label: string;
  readonly #options: CallOptions;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    callee: ProcessRecord,
    label: string,
    options: CallOptions,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#callee = callee;
    this.#label = label;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  send(request: unknown): void {
    const callee = this.#callee;
    callee.calls ??= new Set();
    callee.calls.add(this);
    this.#wait();
    const from = makeFrom({
      isOpen: () => this.#open,
      resolve: (value) => this.#settle(() => this.#resolve(value)),
      reject: (error) => this.#settle(() => this.#reject(error)),
    });
    const message: CallEvent = { type: "call", request, from };
    if (accept(callee, message) === "full") this.#fail("overloaded", `${this.#label} was not called.`);
  }

  calleeExited(reason: ExitReason): void {
    this.#fail("exited", `${this.#label} ended before it replied.`, reason);
  }

  #wait(): void {
    const { clock } = this.#callee.runtime;
    const { signal, timeoutMs = 5000 } = this.#options;
    const timer =
      timeoutMs === "infinity"
        ? undefined
        : clock.setTimeout(
            () => this.#fail("timeout", `${this.#label} did not reply within ${timeoutMs} ms.`),
            timeoutMs,
          );
    const onAbort = (): void => this.#fail("aborted", `The call of ${this.#label} was given up.`);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#stopWaiting = () => {
      if (timer !== undefined) clock.clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
  }

  #fail(code: CallErrorCode, what: string, reason?: ExitReason): void {
    this.#settle(() => this.#reject(new CallError(code, what, reason === undefined ? {} : { reason })));
  }

  #settle(answer: () => void): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#stopWaiting?.();
    this.#callee.calls?.delete(this);
    answer();
    return true;
  }
}
