import type { CallEvent, CastEvent, DownEvent, ExitEvent, ExitReason, InfoEvent, StopEvent } from "@trunkline/process";
import type { StreamOptions } from "../connection/stream-sink.ts";
import type { QueryOptions, Reason } from "../instruction.ts";
import type { Secret } from "../options/secret.ts";

/** What the transport reports. None of them comes more often than once for each batch of messages. */
export type TransportEvent =
  /** The socket is open; the server is asked who it is and told who we are. */
  | { readonly type: "transport.socketOpened" }
  /** The server is ready. */
  | { readonly type: "transport.connected" }
  /** No endpoint could be used. */
  | { readonly type: "transport.connectFailed"; readonly reason: Error }
  /** The server's last answer to a query is there; the mailbox has it. */
  | { readonly type: "transport.queryFinished" }
  | { readonly type: "transport.streamStarted" }
  /** The server refused the stream and is ready for the next command. */
  | { readonly type: "transport.streamRefused" }
  /** The first data of a connection: it is good for something. */
  | { readonly type: "transport.firstData" }
  /** The stream has ended, in whichever way, and the server is ready for the next command. */
  | { readonly type: "transport.streamEnded" }
  /** The session can't be used any more. */
  | { readonly type: "transport.lost"; readonly reason: Error }
  /** The session is gone and `handleDisconnect`, where it was due, has run. */
  | { readonly type: "transport.closed" };

/** What the mailbox asks for on behalf of the callbacks. SQL is wrapped: it shows in no inspection. */
export type MailboxEvent =
  | { readonly type: "mailbox.query"; readonly sql: Secret<string>; readonly options: QueryOptions }
  | { readonly type: "mailbox.stream"; readonly sql: Secret<string>; readonly options: StreamOptions }
  | { readonly type: "mailbox.stopStream" }
  | { readonly type: "mailbox.disconnect"; readonly reason: Reason }
  /** End the process: `stop(reason)`, or a callback that failed. */
  | { readonly type: "mailbox.stop"; readonly reason: ExitReason }
  /** `handleConnect` and the queries it began are through, for the first time. */
  | { readonly type: "mailbox.settled" };

/** What other processes send, by way of the kernel. */
export type ProcessEvent = CallEvent | CastEvent | InfoEvent | ExitEvent | DownEvent | StopEvent;

/** Everything the machine receives. */
export type ConnectionEvent = TransportEvent | MailboxEvent | ProcessEvent;

/** The names of its events. */
export type ConnectionEventType = ConnectionEvent["type"];
