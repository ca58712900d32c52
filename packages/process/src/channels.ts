import { channel } from "node:diagnostics_channel";
import type { AnyActorRef } from "xstate";
import type { ExitReason } from "./exit-reason.ts";
import type { Message } from "./mailbox.ts";
import type { Target } from "./name.ts";
import type { Report } from "./report.ts";

/** `trunkline:process:start`: an actor became a process. */
export interface ProcessStarted {
  readonly process: AnyActorRef;
  readonly parent: AnyActorRef | undefined;
}

/** `trunkline:process:exit`: it ended. Published in the turn of its death, its names free and its scope released. */
export interface ProcessExited {
  readonly process: AnyActorRef;
  readonly parent: AnyActorRef | undefined;
  readonly reason: ExitReason;
}

/** Why a message went nowhere. */
export type DeadLetterReason =
  /** The process had ended before it was sent. */
  | "dead"
  /** It was waiting when the process ended. */
  | "lost"
  /** Nobody holds the name. */
  | "unknown_name"
  /** The mailbox was full. */
  | "full";

/** `trunkline:process:dead-letter`: a message that no process will see. */
export interface DeadLetter {
  readonly target: Target;
  readonly message: Message;
  readonly why: DeadLetterReason;
  /** What the process ended with, where it has ended. */
  readonly reason: ExitReason | undefined;
}

/** `trunkline:process:name`: a name or registry key was taken or became free. */
export interface NameChanged {
  readonly process: AnyActorRef;
  readonly name: string;
  readonly change: "registered" | "unregistered";
}

/** The names of the kernel's `node:diagnostics_channel` channels. Payloads: the interfaces of this module, and `Report`. */
export const channelNames = {
  start: "trunkline:process:start",
  exit: "trunkline:process:exit",
  deadLetter: "trunkline:process:dead-letter",
  name: "trunkline:process:name",
  report: "trunkline:process:report",
} as const;

const startChannel = channel(channelNames.start);
const exitChannel = channel(channelNames.exit);
const deadLetterChannel = channel(channelNames.deadLetter);
const nameChannel = channel(channelNames.name);
const reportChannel = channel(channelNames.report);

// One function for each channel; a payload is made only where somebody listens.
export function publishStart(process: AnyActorRef, parent: AnyActorRef | undefined): void {
  if (startChannel.hasSubscribers) startChannel.publish({ process, parent } satisfies ProcessStarted);
}

export function publishExit(process: AnyActorRef, parent: AnyActorRef | undefined, reason: ExitReason): void {
  if (exitChannel.hasSubscribers) exitChannel.publish({ process, parent, reason } satisfies ProcessExited);
}

export function publishDeadLetter(letter: DeadLetter): void {
  if (deadLetterChannel.hasSubscribers) deadLetterChannel.publish(letter);
}

export function publishName(change: NameChanged): void {
  if (nameChannel.hasSubscribers) nameChannel.publish(change);
}

export function publishReport(report: Report): void {
  if (reportChannel.hasSubscribers) reportChannel.publish(report);
}
