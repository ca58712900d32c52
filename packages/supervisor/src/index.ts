export type { ChildCounts, ChildInfo } from "./answer.ts";
export type { RequestOptions } from "./ask.ts";
export { SupervisorError, type SupervisorErrorCode, type SupervisorErrorDetails } from "./error.ts";
export type { AutoShutdown, Strategy, SupervisorFlags } from "./flags.ts";
export type { RootOptions } from "./root.ts";
export type { ChildSpecOverrides, Place } from "./start-supervisor.ts";
export type { SupervisorEvent, SupervisorLogic, SupervisorSnapshot, SupervisorState } from "./supervising-logic.ts";
export { Supervisor, type SupervisorInit, type SupervisorOptions, type SupervisorRef } from "./supervisor.ts";
