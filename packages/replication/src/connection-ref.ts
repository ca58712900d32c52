import type { CastEvent, InfoEvent, Target } from "@trunkline/process";
import type { ActorRef, SnapshotFrom } from "xstate";
import type { CallsOf } from "./callbacks.ts";
import type { ConnectionMachine } from "./machine/connection-machine.ts";

/**
 * What other processes can send to a connection: its calls, infos (`info`, `cast`), and any event with a `type` of the
 * user's own, which `handleInfo` gets as it is. Types that begin with `transport.`, `mailbox.`, `otp.` or `xstate.` are
 * not the user's.
 */
export type ConnectionMessage<Calls, Info> =
  | CallsOf<Calls>
  | InfoEvent<Info>
  | CastEvent<Info>
  | Extract<Info, { readonly type: string }>;

/** A running replication connection. Its snapshot is the machine's: `value` says what it waits for. */
export type ConnectionRef<Calls = unknown, Info = unknown> = ActorRef<
  SnapshotFrom<ConnectionMachine>,
  ConnectionMessage<Calls, Info>
>;

/** What a connection can be addressed by: its ref, its name, or a `via`. */
export type Server<Calls = unknown, Info = unknown> = Target<ConnectionRef<Calls, Info>>;
