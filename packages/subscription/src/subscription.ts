import { type ChildSpec, call, type StartOptions, startLink, type Target } from "@trunkline/process";
import type { Row } from "@trunkline/protocol";
import { parseOptions, type SourceOptions, type SubscriptionOptions } from "./options.ts";
import { firstValue, withSql } from "./session/sql-session.ts";
import type { SlotRow } from "./slot/slot-facts.ts";
import { parseSlotRow, slotRowSql } from "./slot/slot-facts.ts";
import { asProcess } from "./stream/as-process.ts";
import type { Relations } from "./stream/change.ts";
import { Engine } from "./stream/engine.ts";
import type { Drained, Stats } from "./stream/subscription-calls.ts";
import { subscriptionMachine } from "./stream/subscription-machine.ts";
import type { SubscriptionRef } from "./stream/subscription-ref.ts";

/**
 * A change stream as a child of a supervisor: each committed transaction is handed to the handler, in commit order, and
 * acknowledged when the handler is through, not before. `subscription<{ orders: Order }>(…)` types the rows.
 *
 * It starts when its stream runs, or, when the server can't be reached just now, when it waits for the next attempt. What
 * trying again can't mend ends it with an error that says what to do.
 * @throws SubscriptionError `option_invalid`, `streaming_unsupported`; ConfigError for what `connection` can't be
 */
export function subscription<R extends Relations = Record<string, Row>>(options: SubscriptionOptions<R>): ChildSpec {
  const config = parseOptions(options as unknown as SubscriptionOptions);
  const { id = options.slot, restart, shutdown = config.drainMs + 5000, name } = options;
  return {
    id,
    start: {
      logic: asProcess(subscriptionMachine),
      input: { config, makeEngine: (of: typeof config) => new Engine(of) },
      ready: "started",
    },
    shutdown,
    startTimeoutMs: 30_000,
    modules: [subscriptionMachine],
    ...(restart === undefined ? {} : { restart }),
    ...(name === undefined ? {} : { name }),
  };
}

/**
 * Starts a subscription without a supervisor; nobody starts it again.
 * @throws as `subscription`; StartError (as a rejection), whose `reason` has the error
 */
export async function startSubscription<R extends Relations = Record<string, Row>>(
  options: SubscriptionOptions<R>,
  place: Pick<StartOptions, "parent" | "runtime" | "inspect" | "signal"> = {},
): Promise<SubscriptionRef> {
  const { start, id, name } = subscription<R>(options);
  const started = await startLink(start, {
    ...place,
    id: String(id),
    startTimeoutMs: 30_000,
    ...(name === undefined ? {} : { name }),
  });
  return started as unknown as SubscriptionRef;
}

/** Hands out no further transaction until {@link resumeSubscription}. The connection stays, and so does the slot's WAL. */
export const pauseSubscription = (target: Target<SubscriptionRef>): Promise<undefined> =>
  call(target, { type: "pause" }) as Promise<undefined>;

/** Hands out transactions again. */
export const resumeSubscription = (target: Target<SubscriptionRef>): Promise<undefined> =>
  call(target, { type: "resume" }) as Promise<undefined>;

/** Where it stands, as its process knows it. */
export const subscriptionStats = (target: Target<SubscriptionRef>): Promise<Stats> =>
  call(target, { type: "stats" }) as Promise<Stats>;

/**
 * Ends it: hands out nothing more, waits for the handler (at most `drainMs`, default: the option's), confirms what is
 * durable, and leaves the server, which frees the slot. A supervisor's `permanent` child is started again.
 */
export const stopSubscription = (
  target: Target<SubscriptionRef>,
  { drainMs }: { readonly drainMs?: number } = {},
): Promise<Drained> =>
  call(
    target,
    { type: "stop", ...(drainMs === undefined ? {} : { drainMs }) },
    { timeoutMs: "infinity" },
  ) as Promise<Drained>;

/** What the server says of the slot, asked on a session of its own; `undefined` when there is none. */
export const serverView = ({
  connection,
  slot,
}: Pick<SourceOptions, "connection" | "slot">): Promise<SlotRow | undefined> =>
  withSql(connection, async (session) => parseSlotRow(await firstValue(session, slotRowSql(slot))));
