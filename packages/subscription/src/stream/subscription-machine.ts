import {
  type CallEvent,
  crashed,
  type ExitReason,
  type From,
  type KernelEvent,
  normal,
  reply,
  runtimeOf,
  scopeOf,
  trapExit,
} from "@trunkline/process";
import { type AnyActorRef, assign, fromPromise, setup } from "xstate";
import { type Classified, classify } from "../errors/classify.ts";
import { SubscriptionError } from "../errors/subscription-error.ts";
import type { SubscriptionConfig } from "../options.ts";
import type { Standing } from "./connection-facts.ts";
import type { Engine, EngineEvent } from "./engine.ts";
import type { Drained, SubscriptionCalls } from "./subscription-calls.ts";

/** What the machine is started with. */
export interface SubscriptionInput {
  readonly config: SubscriptionConfig;
  readonly makeEngine: (config: SubscriptionConfig) => Engine;
}

interface Context {
  readonly config: SubscriptionConfig;
  readonly engine: Engine;
  /** Failures in a row. */
  readonly failures: number;
  /** The last error, and what was decided. */
  readonly last: { readonly error: unknown; readonly classified: Classified } | undefined;
  /** What it exits with, once it is to end. */
  readonly reason: ExitReason;
  /** Since when there has been no connection. */
  readonly downSinceMs: number | undefined;
  /** How long to wait before the next attempt, and until when. */
  readonly waitMs: number;
  readonly nextAttemptMs: number;
  readonly drainMs: number;
  readonly drained: boolean;
  /** Those who asked for the end, and wait for it. */
  readonly stoppers: readonly From<Drained>[];
}

type CallRequest = {
  readonly [Type in keyof SubscriptionCalls & string]: { readonly type: Type; readonly drainMs?: number };
}[keyof SubscriptionCalls & string];

const standingOf = ({ value, context }: { readonly value: unknown; readonly context: Context }): Standing => {
  const { last, failures, downSinceMs, nextAttemptMs } = context;
  return { state: String(value), last, failures, downSinceMs, nextAttemptMs };
};

type Event = CallEvent<CallRequest> | KernelEvent | EngineEvent;

const prepare = fromPromise<"copy" | "stream", { readonly engine: Engine; readonly parent: AnyActorRef }>(({ input }) =>
  input.engine.prepare(input.parent, () => standingOf(input.parent.getSnapshot())),
);

const copy = fromPromise<void, { readonly engine: Engine }>(({ input, signal }) => input.engine.copy(signal));

const close = fromPromise<Drained, { readonly engine: Engine; readonly drained: boolean }>(({ input }) =>
  input.engine.close(input.drained),
);

const machineSetup = setup({
  types: {
    context: {} as Context,
    events: {} as Event,
    input: {} as SubscriptionInput,
    output: {} as ExitReason,
    tags: {} as "started",
  },
  actors: { prepare, copy, close },
  actions: {
    begin: ({ context, self }) => {
      trapExit(self);
      scopeOf(self).defer(() => context.engine.abandon());
    },
    open: ({ context }) => context.engine.open(),
    look: ({ context }) => context.engine.look(),
    stopDispatching: ({ context }) => context.engine.stopDispatching(),
    /** Says what an exit signal means, as an event of its own. */
    interpretExit: ({ context, event, self }) => {
      if (event.type !== "otp.exit") return;
      const meaning = context.engine.exited(event.from, event.reason);
      if (meaning !== undefined) self.send(meaning);
    },
    answer: ({ context, event, self }) => {
      if (event.type === "call") answerCall(event, context, () => standingOf(self.getSnapshot()));
    },
    report: ({ context, self }) => {
      if (context.last === undefined) return;
      const { error, classified } = context.last;
      const { code, action, remedy } = classified;
      context.engine.telemetry.publish("disconnected", () => ({ error, code, action }));
      const log = runtimeOf(self).logger;
      const facts = { slot: context.engine.slot, err: error, code };
      if (action === "stop") log.error(facts, `The subscription stops. ${remedy}`);
      else log.warn(facts, `The subscription tries again (${action}). ${remedy}`);
    },
    leaveServer: ({ context }) => {
      const what = "The server shuts down, and the handler is still busy.";
      context.engine.endSession(new SubscriptionError("stream_ended", what));
    },
  },
  guards: {
    stops: ({ context }) => context.last?.classified.action === "stop",
    now: ({ context }) => context.last?.classified.action === "retryNow" && context.failures === 0,
  },
  delays: {
    backoff: ({ context }) => context.waitMs,
    poll: ({ context }) => context.config.standbyPollMs,
    drain: ({ context }) => context.drainMs,
    grace: ({ context }) => context.config.serverShutdownGraceMs,
  },
});

const noteEnd = machineSetup.assign(({ context, event, self }) =>
  event.type === "session.ended" ? afterEnd(context, errorOf(event.reason), self) : {},
);

const noteStop = machineSetup.assign(({ context, event }) => {
  if (event.type === "otp.stop") return { reason: event.reason };
  if (event.type !== "call") return {};
  const { drainMs = context.config.drainMs } = event.request;
  return { drainMs, reason: normal, stoppers: [...context.stoppers, event.from as From<Drained>] };
});

const noteStopper = machineSetup.assign(({ context, event }) =>
  event.type === "call" ? { stoppers: [...context.stoppers, event.from as From<Drained>] } : {},
);

const noteDispatcher = machineSetup.assign(({ event }) => {
  if (event.type !== "dispatcher.ended" || event.reason.type === "normal") return {};
  const error = event.reason.type === "error" ? event.reason.error : event.reason;
  return { last: { error, classified: { ...classify(error), action: "stop" as const } }, reason: event.reason };
});

const stopAsked = ({ event }: { readonly event: Event }): boolean =>
  event.type === "call" && event.request.type === "stop";

/**
 * The control plane of one subscription: what it waits for and what comes next. It hears of changes of mode, never of
 * data. Its output is the reason to exit with.
 */
export const subscriptionMachine = machineSetup.createMachine({
  id: "subscription",
  context: ({ input }) => ({
    config: input.config,
    engine: input.makeEngine(input.config),
    failures: 0,
    last: undefined,
    reason: normal,
    downSinceMs: undefined,
    waitMs: 0,
    nextAttemptMs: 0,
    drainMs: input.config.drainMs,
    drained: true,
    stoppers: [],
  }),
  output: ({ context }) => context.reason,
  entry: "begin",
  initial: "preparing",
  on: {
    "otp.exit": { actions: "interpretExit" },
    call: [{ guard: stopAsked, target: ".draining", actions: noteStop }, { actions: "answer" }],
    "otp.stop": { target: ".draining", actions: noteStop },
    "dispatcher.ended": { target: ".closing", actions: [noteDispatcher, "report"] },
  },
  states: {
    /** The checkpoint is loaded, the server examined, publications are made. */
    preparing: {
      invoke: {
        src: "prepare",
        input: ({ context, self }) => ({ engine: context.engine, parent: self }),
        onDone: [{ guard: ({ event }) => event.output === "copy", target: "copying" }, { target: "opening" }],
        onError: {
          target: "deciding",
          actions: [assign(({ context, event, self }) => afterEnd(context, event.error, self)), "report"],
        },
      },
    },
    /** The tables are copied; it may take as long as it likes. */
    copying: {
      tags: "started",
      invoke: {
        src: "copy",
        input: ({ context }) => ({ engine: context.engine }),
        onDone: "opening",
        onError: {
          target: "deciding",
          actions: [assign(({ context, event, self }) => afterEnd(context, event.error, self)), "report"],
        },
      },
    },
    /** A session is on its way to its stream. */
    opening: {
      entry: "open",
      on: {
        "session.streaming": "streaming",
        "session.standingBy": "standingBy",
        "session.ended": { target: "deciding", actions: [noteEnd, "report"] },
      },
    },
    /** Another owner has the slot. */
    standingBy: {
      tags: "started",
      after: { poll: { target: "standingBy", reenter: true, actions: "look" } },
      on: {
        "session.streaming": "streaming",
        "session.ended": { target: "deciding", actions: [noteEnd, "report"] },
      },
    },
    streaming: {
      tags: "started",
      on: {
        "session.ended": { target: "deciding", actions: [noteEnd, "report"] },
        "server.stopping": "yielding",
      },
    },
    /** The server shuts down and waits for us: the handler gets a moment, then the connection is closed (W53). */
    yielding: {
      tags: "started",
      after: { grace: { actions: "leaveServer" } },
      on: { "session.ended": { target: "deciding", actions: [noteEnd, "report"] } },
    },
    deciding: {
      always: [
        { guard: "stops", target: "closing" },
        { guard: ({ context }) => !context.engine.prepared, target: "preparingAgain" },
        { guard: "now", target: "opening" },
        { target: "backingOff" },
      ],
    },
    backingOff: {
      tags: "started",
      after: { backoff: "opening" },
    },
    preparingAgain: {
      tags: "started",
      after: { backoff: "preparing" },
    },
    /** Nothing is handed out any more; the handler may finish what it has in hand. */
    draining: {
      entry: "stopDispatching",
      always: { guard: ({ context }) => !context.engine.dispatching, target: "closing" },
      after: { drain: { target: "closing", actions: assign({ drained: false }) } },
      on: {
        call: [{ guard: stopAsked, actions: noteStopper }, { actions: "answer" }],
        "otp.stop": { actions: assign(({ event }) => ({ reason: event.reason })) },
      },
    },
    closing: {
      invoke: {
        src: "close",
        input: ({ context }) => ({ engine: context.engine, drained: context.drained }),
        onDone: {
          target: "stopped",
          actions: ({ context, event }) => {
            context.engine.telemetry.publish("stopped", () => event.output);
            for (const stopper of context.stoppers) reply(stopper, event.output);
          },
        },
        onError: "stopped",
      },
      on: {
        "dispatcher.ended": {},
        call: [{ guard: stopAsked, actions: noteStopper }, { actions: "answer" }],
        "otp.stop": {},
      },
    },
    stopped: { type: "final" },
  },
});

/** The type of the subscription's machine. */
export type SubscriptionMachine = typeof subscriptionMachine;

/** Why a session has ended. One that was told to end without an error has lost its stream all the same. */
function errorOf(reason: ExitReason): unknown {
  if (reason.type !== "error") return new SubscriptionError("stream_ended", `The session ended (${reason.type}).`);
  const { error } = reason;
  if (!tellsOfNoPublication(error)) return error;
  return new SubscriptionError("publication_missing", "The server would skip changes.", { cause: error });
}

/** PostgreSQL 18 warns and goes on without the publication's changes; 14 to 17 fail, in words of the server's language. */
function tellsOfNoPublication(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("severity" in error && error.severity === "WARNING") return true;
  return "routine" in error && error.routine === "get_publication_oid";
}

/** What is kept of an attempt that failed or a session that was lost. */
function afterEnd(context: Context, error: unknown, self: AnyActorRef): Partial<Context> {
  const { engine, config, downSinceMs } = context;
  const { clock, random } = runtimeOf(self);
  const nowMs = clock.now();
  const classified = classify(error);
  const failures = engine.progressed ? 0 : context.failures + 1;
  const { minMs, maxMs } = config.backoff;
  const whole = Math.min(maxMs, minMs * 2 ** Math.max(0, failures - 1));
  const waitMs = whole * (0.5 + random() / 2);
  return {
    last: { error, classified },
    failures,
    reason: classified.action === "stop" ? crashed(error) : context.reason,
    downSinceMs: engine.reached ? nowMs : (downSinceMs ?? nowMs),
    waitMs,
    nextAttemptMs: nowMs + waitMs,
  };
}

function answerCall({ request, from }: CallEvent<CallRequest>, context: Context, standing: () => Standing): void {
  const { engine } = context;
  switch (request.type) {
    case "pause":
      engine.pause();
      reply(from, undefined);
      return;
    case "resume":
      engine.resume();
      reply(from, undefined);
      return;
    case "stats":
      reply(from, engine.stats(standing()));
      return;
    case "stop":
      return;
  }
}
