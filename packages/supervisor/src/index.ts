export type { RequestOptions } from "./ask.ts";
export type { ChildCounts, ChildInfo } from "./child-info.ts";
export type { DynamicChildSpec, DynamicStartContext } from "./dynamic-child-spec.ts";
export type { DynamicSupervisorFlags } from "./dynamic-flags.ts";
export {
  DynamicSupervisor,
  type DynamicSupervisorOptions,
  type DynamicSupervisorRef,
} from "./dynamic-supervisor.ts";
export { SupervisorError, type SupervisorErrorCode, type SupervisorErrorDetails } from "./error.ts";
export type { AutoShutdown, Strategy, SupervisorFlags } from "./flags.ts";
export type { PartitionFlags } from "./partition-flags.ts";
export {
  PartitionSupervisor,
  type PartitionSupervisorOptions,
  type PartitionSupervisorRef,
} from "./partition-supervisor.ts";
export type { RootOptions } from "./root.ts";
export type { ChildSpecOverrides, Place } from "./start-supervisor.ts";
export type { SupervisorEvent, SupervisorLogic, SupervisorSnapshot, SupervisorState } from "./supervising-logic.ts";
export { Supervisor, type SupervisorInit, type SupervisorOptions, type SupervisorRef } from "./supervisor.ts";
export type { Task, TaskContext, TaskFunction, TaskOutcome } from "./task.ts";
export { type TaskChildOptions, type TaskOptions, TaskSupervisor } from "./task-supervisor.ts";
