import { type ExitReason, normal, runtimeOf } from "@trunkline/process";
import { assign, fromCallback, sendTo, setup } from "xstate";
import { backoffDelayMs } from "../backoff.ts";
import { type ConnectionContext, type ConnectionInput, initialContext } from "./context.ts";
import type { ConnectionEvent } from "./events.ts";
import { afterDisconnectUnconnected, afterFailedAttempt, afterLoss } from "./next-goal.ts";
import type { TransportCommand } from "./transport-command.ts";

/** The transport's place. A machine on its own connects to nothing; `ReplicationConnection` puts the real one in. */
const noTransport = fromCallback<TransportCommand>(() => {});

const machineSetup = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    input: {} as ConnectionInput,
    output: {} as ExitReason,
  },
  actors: { transport: noTransport },
  actions: {
    /** Puts the message of another process into the mailbox, which handles it outside of the machine's step. */
    deliver: () => {},
    /** Tells the mailbox that an attempt begins: messages wait until it is through. */
    announceAttempt: () => {},
    /** Tells the mailbox that the machine waits before the next attempt: messages are handled. */
    announceWait: () => {},
    connect: sendTo("transport", ({ context }): TransportCommand => ({ type: "connect", attempt: context.attempts })),
    stopStream: sendTo("transport", (): TransportCommand => ({ type: "stopStream" })),
    shutdown: sendTo("transport", (): TransportCommand => ({ type: "shutdown" })),
    countAttempt: assign({ attempts: ({ context }) => context.attempts + 1 }),
    acknowledgeStart: assign({ started: true }),
    /** R83: the connection has shown that it is good for something. */
    trust: assign({ failures: 0, onProbation: false }),
  },
  guards: {
    /** The failed attempt was the last. */
    givesUp: ({ context, event }) =>
      event.type === "transport.connectFailed" && afterFailedAttempt(context, event.reason).goal.type === "exit",
    exits: ({ context }) => context.goal.type === "exit",
    reconnectsNow: ({ context }) => context.goal.type === "reconnect" && context.goal.now,
  },
  delays: {
    backoff: ({ context, self }) => backoffDelayMs(context.backoff, context.failures, runtimeOf(self).random()),
    stable: ({ context }) => context.stableAfterMs,
  },
});

const runQuery = machineSetup.sendTo("transport", ({ event }): TransportCommand => {
  if (event.type !== "mailbox.query") throw new TypeError(`${event.type} is no query.`);
  return { type: "query", sql: event.sql, options: event.options };
});

const startStream = machineSetup.sendTo("transport", ({ event }): TransportCommand => {
  if (event.type !== "mailbox.stream") throw new TypeError(`${event.type} is no stream.`);
  return { type: "stream", sql: event.sql, options: event.options };
});

const giveUpSession = machineSetup.sendTo("transport", ({ event }): TransportCommand => {
  if (event.type !== "mailbox.disconnect" && event.type !== "transport.lost") return { type: "shutdown" };
  return { type: "disconnect", reason: event.reason };
});

const noteExit = machineSetup.assign(({ event }) =>
  event.type === "mailbox.stop" || event.type === "otp.stop"
    ? { goal: { type: "exit" as const, reason: event.reason } }
    : {},
);

const noteLoss = machineSetup.assign(({ context, event }) =>
  event.type === "transport.lost" || event.type === "mailbox.disconnect" ? afterLoss(context, event.reason) : {},
);

const noteDisconnectUnconnected = machineSetup.assign(({ context, event }) =>
  event.type === "mailbox.disconnect" ? afterDisconnectUnconnected(context, event.reason) : {},
);

const noteFailedAttempt = machineSetup.assign(({ context, event }) =>
  event.type === "transport.connectFailed" ? afterFailedAttempt(context, event.reason) : {},
);

/** Asked to end: with a session, an attempt or a `handleDisconnect` in hand, it is closed first. */
const closeAndExit = { target: "closing", actions: [noteExit, "shutdown"] } as const;

/** A disconnect while nothing is connected: `handleDisconnect`, then the next attempt at once. */
const disconnectUnconnected = {
  target: "closing",
  actions: [noteDisconnectUnconnected, giveUpSession],
} as const;

const attemptFailed = [
  { guard: "givesUp", target: "stopped", actions: noteFailedAttempt },
  { target: "backingOff", actions: noteFailedAttempt },
] as const;

/**
 * The control plane of one connection: what it waits for and what comes next. It decides; the transport does the I/O,
 * the mailbox runs the callbacks. It hears of changes of mode, never of data. Its output is the reason to exit with.
 */
export const connectionMachine = machineSetup.createMachine({
  id: "replicationConnection",
  context: ({ input }) => initialContext(input),
  output: ({ context }) => (context.goal.type === "exit" ? context.goal.reason : normal),
  invoke: { id: "transport", src: "transport" },
  on: {
    call: { actions: "deliver" },
    cast: { actions: "deliver" },
    info: { actions: "deliver" },
    "otp.exit": { actions: "deliver" },
    "otp.down": { actions: "deliver" },
    "mailbox.settled": { actions: "acknowledgeStart" },
  },
  initial: "connecting",
  states: {
    connecting: {
      entry: ["countAttempt", "announceAttempt", "connect"],
      on: {
        "transport.socketOpened": "authenticating",
        "transport.connected": "connected",
        "transport.connectFailed": attemptFailed,
        "mailbox.disconnect": disconnectUnconnected,
        "mailbox.stop": closeAndExit,
        "otp.stop": closeAndExit,
      },
    },
    authenticating: {
      on: {
        "transport.connected": "connected",
        "transport.connectFailed": attemptFailed,
        "mailbox.disconnect": disconnectUnconnected,
        "mailbox.stop": closeAndExit,
        "otp.stop": closeAndExit,
      },
    },
    connected: {
      after: { stable: { actions: "trust" } },
      on: {
        "transport.firstData": { actions: "trust" },
        "transport.lost": { target: "closing", actions: [noteLoss, giveUpSession] },
        "mailbox.disconnect": { target: "closing", actions: [noteLoss, giveUpSession] },
        "mailbox.stop": closeAndExit,
        "otp.stop": closeAndExit,
      },
      initial: "idle",
      states: {
        idle: {
          on: {
            "mailbox.query": { target: "querying", actions: runQuery },
            "mailbox.stream": { target: "startingStream", actions: startStream },
          },
        },
        querying: { on: { "transport.queryFinished": "idle" } },
        startingStream: { on: { "transport.streamStarted": "streaming", "transport.streamRefused": "idle" } },
        streaming: {
          on: {
            "transport.streamEnded": "idle",
            "mailbox.stopStream": { target: "stoppingStream", actions: "stopStream" },
          },
        },
        stoppingStream: { on: { "transport.streamEnded": "idle" } },
      },
    },
    closing: {
      on: {
        "transport.closed": [
          { guard: "exits", target: "stopped" },
          { guard: "reconnectsNow", target: "connecting" },
          { target: "backingOff" },
        ],
        "mailbox.stop": { actions: [noteExit, "shutdown"] },
        "otp.stop": { actions: [noteExit, "shutdown"] },
      },
    },
    backingOff: {
      entry: ["acknowledgeStart", "announceWait"],
      after: { backoff: "connecting" },
      on: {
        "mailbox.disconnect": disconnectUnconnected,
        "mailbox.stop": { target: "stopped", actions: noteExit },
        "otp.stop": { target: "stopped", actions: noteExit },
      },
    },
    stopped: { type: "final" },
  },
});

/** The type of the connection's machine. */
export type ConnectionMachine = typeof connectionMachine;
