import type { ConnectionEventType } from "./events.ts";
import type { ConnectionState } from "./states.ts";

/**
 * What an event does in a state.
 * - a state: the machine goes there
 * - `auto`/`once`: it depends on `autoReconnect`; `failing`: with it, and the last connection proved no good
 * - `kept`: the state stays, and the machine remembers something
 * - `delivered`: it goes to the mailbox, in arrival order
 * - `refused`: the mailbox does not send it and gives the callback this error
 * - `superseded`: the mailbox does not send it: the loss of the connection, already on its way, is the answer
 * - `ignored`: it can't come, or comes too late to matter
 */
export type Outcome =
  | ConnectionState
  | { readonly auto: ConnectionState; readonly failing?: ConnectionState; readonly once: ConnectionState }
  | "kept"
  | "delivered"
  | { readonly refused: "not_connected" | "stream_in_progress" | "no_stream" }
  | "superseded"
  | "ignored";

type Row = Readonly<Record<ConnectionEventType, Outcome>>;

const notConnected = { refused: "not_connected" } as const;
const streamInProgress = { refused: "stream_in_progress" } as const;
const noStream = { refused: "no_stream" } as const;

const nothing = {
  "transport.socketOpened": "ignored",
  "transport.connected": "ignored",
  "transport.connectFailed": "ignored",
  "transport.queryFinished": "ignored",
  "transport.streamStarted": "ignored",
  "transport.streamRefused": "ignored",
  "transport.firstData": "ignored",
  "transport.streamEnded": "ignored",
  "transport.lost": "ignored",
  "transport.closed": "ignored",
  "mailbox.query": "ignored",
  "mailbox.stream": "ignored",
  "mailbox.stopStream": "ignored",
  "mailbox.disconnect": "ignored",
  "mailbox.stop": "ignored",
  "mailbox.settled": "ignored",
  call: "ignored",
  cast: "ignored",
  info: "ignored",
  "otp.exit": "ignored",
  "otp.down": "ignored",
  "otp.stop": "ignored",
} as const satisfies Row;

const delivered = {
  call: "delivered",
  cast: "delivered",
  info: "delivered",
  "otp.exit": "delivered",
  "otp.down": "delivered",
} as const;

const attempting = {
  ...nothing,
  ...delivered,
  "transport.connectFailed": { auto: "backingOff", once: "stopped" },
  "mailbox.query": notConnected,
  "mailbox.stream": notConnected,
  "mailbox.stopStream": notConnected,
  "mailbox.disconnect": "closing",
  "mailbox.stop": "closing",
  "mailbox.settled": "kept",
  "otp.stop": "closing",
} as const satisfies Row;

const connected = {
  ...nothing,
  ...delivered,
  "transport.firstData": "kept",
  "transport.lost": "closing",
  "mailbox.stopStream": noStream,
  "mailbox.disconnect": "closing",
  "mailbox.stop": "closing",
  "mailbox.settled": "kept",
  "otp.stop": "closing",
} as const satisfies Row;

const streamRuns = { "mailbox.query": streamInProgress, "mailbox.stream": streamInProgress } as const;

/** The machine's whole behaviour: what each event does in each state. The mailbox asks it; a test walks it. */
export const outcomes: Readonly<Record<ConnectionState, Row>> = {
  connecting: { ...attempting, "transport.socketOpened": "authenticating", "transport.connected": "connected.idle" },
  authenticating: { ...attempting, "transport.connected": "connected.idle" },
  "connected.idle": {
    ...connected,
    "mailbox.query": "connected.querying",
    "mailbox.stream": "connected.startingStream",
  },
  "connected.querying": { ...connected, "transport.queryFinished": "connected.idle" },
  "connected.startingStream": {
    ...connected,
    ...streamRuns,
    "transport.streamStarted": "connected.streaming",
    "transport.streamRefused": "connected.idle",
  },
  "connected.streaming": {
    ...connected,
    ...streamRuns,
    "mailbox.stopStream": "connected.stoppingStream",
    "transport.streamEnded": "connected.idle",
  },
  "connected.stoppingStream": {
    ...connected,
    ...streamRuns,
    "mailbox.stopStream": "ignored",
    "transport.streamEnded": "connected.idle",
  },
  closing: {
    ...nothing,
    ...delivered,
    "transport.closed": { auto: "connecting", failing: "backingOff", once: "stopped" },
    "mailbox.query": "superseded",
    "mailbox.stream": "superseded",
    "mailbox.stopStream": "superseded",
    "mailbox.disconnect": "superseded",
    "mailbox.stop": "kept",
    "mailbox.settled": "kept",
    "otp.stop": "kept",
  },
  backingOff: {
    ...nothing,
    ...delivered,
    "mailbox.query": notConnected,
    "mailbox.stream": notConnected,
    "mailbox.stopStream": notConnected,
    "mailbox.disconnect": "closing",
    "mailbox.stop": "stopped",
    "mailbox.settled": "kept",
    "otp.stop": "stopped",
  },
  stopped: nothing,
};

/** An outcome that the callback which asked is told of. */
export type Refusal = Extract<Outcome, { readonly refused: string }>;

/** Whether the mailbox must not send the event, and tells the callback. */
export function isRefusal(outcome: Outcome): outcome is Refusal {
  return typeof outcome === "object" && "refused" in outcome;
}
