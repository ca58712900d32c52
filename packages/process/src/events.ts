import type { AnyActorRef } from "xstate";
import type { ExitReason } from "./exit-reason.ts";
import type { From } from "./from.ts";
import type { MonitorRef } from "./monitor-ref.ts";
import type { Target } from "./name.ts";

/** A request that is waited for. Answer with `reply(event.from, …)`. */
export interface CallEvent<Request = unknown, Reply = unknown> {
  readonly type: "call";
  readonly request: Request;
  readonly from: From<Reply>;
}

/** A request that nobody waits for. */
export interface CastEvent<Request = unknown> {
  readonly type: "cast";
  readonly request: Request;
}

/** Any other message, sent with `info`. */
export interface InfoEvent<Info = unknown> {
  readonly type: "info";
  readonly info: Info;
}

/**
 * The call events of an interface that lists requests by name:
 * `interface Calls { status: { reply: Status }; add: { args: { by: number }; reply: number } }` gives
 * `CallEvent<{ type: "status" }, Status> | CallEvent<{ type: "add"; by: number }, number>`.
 */
export type CallEvents<Calls> = {
  [Type in keyof Calls & string]: CallEvent<
    { readonly type: Type } & (Calls[Type] extends { readonly args: infer Args } ? Args : unknown),
    Calls[Type] extends { readonly reply: infer Reply } ? Reply : undefined
  >;
}[keyof Calls & string];

/** An exit signal, as a process that traps exits receives it. `from`: the linked process that ended, or who sent it. */
export interface ExitEvent {
  readonly type: "otp.exit";
  readonly from: AnyActorRef | undefined;
  readonly reason: ExitReason;
}

/** A monitored process has ended. `process`: what was monitored, as it was addressed. */
export interface DownEvent {
  readonly type: "otp.down";
  readonly ref: MonitorRef;
  readonly process: Target;
  readonly reason: ExitReason;
}

/**
 * A process that traps exits is asked to stop, by its parent or by `stop`. It ends in its own time: reaching its final
 * state makes it exit with `reason`; throwing an `ExitSignal` with a reason of its own.
 */
export interface StopEvent {
  readonly type: "otp.stop";
  readonly reason: ExitReason;
  readonly from: AnyActorRef | undefined;
}

/** What the kernel itself sends: add it to the events of a machine that traps exits or monitors. */
export type KernelEvent = ExitEvent | DownEvent | StopEvent;
