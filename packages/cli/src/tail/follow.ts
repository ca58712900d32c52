import { exited, type Logger } from "@trunkline/process";
import { defaultTypes, jsonText, type Lsn, overrideTypes } from "@trunkline/protocol";
import {
  type AnyChange,
  type StandaloneMessage,
  type SubscriptionOptions,
  type SubscriptionRef,
  stopSubscription,
  type Transaction,
} from "@trunkline/subscription";
import type { Connection } from "../connection/connection.ts";
import { type Printable, passes } from "./printable.ts";
import type { TailFilter } from "./tail-request.ts";
import type { TailSource } from "./tail-source.ts";

/** What is followed, and what is done with it. */
export interface Following {
  readonly connection: Connection;
  readonly source: TailSource;
  readonly filter: TailFilter;
  readonly from: Lsn | undefined;
  /** How many more may be printed. */
  readonly remaining: () => number;
  /** Takes one that passed; a promise when the next must wait. */
  readonly print: (item: Printable) => Promise<void> | undefined;
  /** Settles when all that was taken is written. */
  readonly flush: () => Promise<void>;
  /** Starts the subscription, which tells its warnings to the logger. */
  readonly start: StartSubscription;
  readonly logger: Logger;
  /** Ends it. What is in hand then is not confirmed. */
  readonly signal: AbortSignal;
  /** The stream runs, or waits for the server. */
  readonly started: (ref: SubscriptionRef) => void;
}

/** Starts a subscription somewhere: alone, or in a tree. */
export type StartSubscription = (
  options: SubscriptionOptions,
  place: { readonly logger: Logger; readonly signal: AbortSignal },
) => Promise<SubscriptionRef>;

/** Why reading stops in the middle: nothing went wrong. */
const enough = Symbol("enough");

/**
 * Prints what comes until the signal or the limit ends it. A transaction is confirmed when its last change is written,
 * and not before; one that the limit cuts is not.
 * @throws what ends the subscription
 */
export async function follow(following: Following): Promise<void> {
  const { connection, source, signal, filter, logger } = following;
  if (signal.aborted) return;
  const state = { over: false };
  let wake = (): void => {};
  const ended = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const end = (): void => {
    state.over = true;
    wake();
  };
  signal.addEventListener("abort", end, { once: true });
  const handlers = printing(following, state, end);
  const options: SubscriptionOptions = {
    connection,
    slot: source.slot,
    temporary: source.temporary,
    publications: source.publications,
    ownership: "fail",
    messages: filter.operations?.has("message") ?? filter.tables === undefined,
    types: overrideTypes(defaultTypes, jsonText),
    onFailure: { retries: 0 },
    ...handlers,
  };
  try {
    const ref = await following.start(options, { signal, logger: quietWhen(() => state.over, logger) });
    following.started(ref);
    const gone = exited(ref);
    void gone.then(wake);
    await ended;
    if (state.over) await stopSubscription(ref, { drainMs }).catch(() => undefined);
    const reason = await gone;
    if (!state.over && reason.type === "error") throw reason.error;
  } catch (error) {
    if (!state.over) throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Writing a chunk may take this long after the end was asked for, in milliseconds. */
const drainMs = 5000;

function printing(following: Following, state: { over: boolean }, end: () => void) {
  const { filter, from, remaining, print, flush, source } = following;
  const show = async (item: Printable): Promise<void> => {
    if (state.over) throw enough;
    if (!passes(item, filter)) return;
    if (remaining() === 0) {
      await flush();
      end();
      throw enough;
    }
    await print(item);
    if (remaining() > 0 || !source.temporary) return;
    await flush(); // nothing is to be confirmed, so the rest of the transaction need not be seen
    end();
    throw enough;
  };
  const done = async (): Promise<void> => {
    await flush();
    if (remaining() === 0) end();
  };
  return {
    onTransaction: async (transaction: Transaction): Promise<void> => {
      if (state.over) throw enough;
      const { xid, committedAt, commitLsn } = transaction;
      if (from !== undefined && commitLsn < from) return;
      const head = { xid, committedAt, commitLsn };
      for await (const change of transaction.changes as AsyncIterable<AnyChange>) {
        await show({ type: "change", change, transaction: head });
      }
      await done();
    },
    onMessage: async (message: StandaloneMessage): Promise<void> => {
      if (from !== undefined && message.position.commitLsn < from) return;
      await show({ type: "message", message });
      await done();
    },
  };
}

/** What is logged after the end was asked for is no news. */
function quietWhen(over: () => boolean, { debug, info, warn, error }: Logger): Logger {
  const unless =
    (method: Logger["warn"]): Logger["warn"] =>
    (fields, message) => {
      if (!over()) method(fields, message);
    };
  return { debug: unless(debug), info: unless(info), warn: unless(warn), error: unless(error) };
}
