export { type CallOptions, call } from "./call.ts";
export { CallError, type CallErrorCode } from "./call-error.ts";
export {
  channelNames,
  type DeadLetter,
  type DeadLetterReason,
  type NameChanged,
  type ProcessExited,
  type ProcessStarted,
} from "./channels.ts";
export {
  type ChildSpec,
  type ChildType,
  childSpec,
  defaultStartTimeoutMs,
  type ResolvedChildSpec,
  type Restart,
  resolveChildSpec,
  type Shutdown,
  type Timeout,
} from "./child-spec.ts";
export { type Clock, realClock, type TimerHandle } from "./clock.ts";
export type { LoggedMessage, Statistics } from "./debugger.ts";
export { emitReport, pidOf } from "./emit-report.ts";
export type {
  CallEvent,
  CallEvents,
  CastEvent,
  DownEvent,
  ExitEvent,
  InfoEvent,
  KernelEvent,
  StopEvent,
} from "./events.ts";
export { exit, exited, exitReason, isRunning, kill, trapExit } from "./exit.ts";
export {
  crashed,
  describeReason,
  type ExitReason,
  isClean,
  killed,
  noproc,
  normal,
  type ReasonLike,
  shutdown,
  toExitReason,
} from "./exit-reason.ts";
export { ExitSignal, reasonOfThrown } from "./exit-signal.ts";
export { reap } from "./finish.ts";
export { From, isPending, reply, replyError } from "./from.ts";
export { isCall } from "./is-call.ts";
export { isProcess } from "./is-process.ts";
export { link, unlink } from "./link.ts";
export { registered, registerName, unregisterName } from "./local-name.ts";
export { type ConsoleLike, consoleLogger, type Logger, type LogLevel, type LogMethod, silentLogger } from "./logger.ts";
export type { MailboxOptions, Message } from "./mailbox.ts";
export { MailboxError } from "./mailbox-error.ts";
export type { CastRequestOf, EventOf, InfoOf, RefOf, ReplyOf, RequestOf } from "./message-types.ts";
export type {
  Answer,
  Gap,
  Kept,
  Ladder,
  Plot,
  ProcessMetadata,
  Rung,
  SupervisedChild,
  SupervisorMetadata,
  Tone,
} from "./metadata.ts";
export { metadataOf } from "./metadata-of.ts";
export { demonitor, monitor } from "./monitor.ts";
export type { MonitorRef } from "./monitor-ref.ts";
export { describeName, type GlobalName, type LocalName, localName, type Name, type Target, type Via } from "./name.ts";
export { NameError, type NameErrorCode } from "./name-error.ts";
export { mailboxDepth, type ProcessInfo, processInfo, setLabel } from "./process-info.ts";
export type { SysHooks } from "./record.ts";
export { redact, redacted } from "./redact.ts";
export { Registry, type RegistryOptions, type RegistryRef } from "./registry/registry.ts";
export type { Entry, KeyKind, RegistryEvent } from "./registry/table.ts";
export { via } from "./registry/via.ts";
export type {
  CrashReport,
  GuardReport,
  ProgressReport,
  Report,
  ReportedChild,
  SupervisorErrorContext,
  SupervisorReport,
} from "./report.ts";
export { defaultRuntime, makeRuntime, type Runtime } from "./runtime.ts";
export { runtimeOf } from "./runtime-of.ts";
export { type Closable, type Listenable, type Scope, scopeOf } from "./scope.ts";
export { cast, info, send } from "./send.ts";
export { SimulatedTime, settle } from "./simulated-time.ts";
export type { Inspect, StartOptions } from "./spawn.ts";
export { start, startLink } from "./start.ts";
export { StartError, type StartErrorCode } from "./start-error.ts";
export {
  ignore,
  type Ready,
  type Start,
  type StartContext,
  type StartData,
  type Started,
  type StartedRef,
  type StartFunction,
} from "./start-spec.ts";
export { stop } from "./stop.ts";
export { type ProcessStatus, shownMessage, shownState, sys } from "./sys.ts";
export { unreachable } from "./unreachable.ts";
export { whereis } from "./whereis.ts";
