import type { ChildPlan, Reason, Request, SupervisorPlan } from "./plan.ts";

export interface Running {
  readonly kind: "running";
  readonly process: Process;
}
export type ChildState = Running | { readonly kind: "stopped" } | { readonly kind: "restarting" };
export interface Child {
  readonly plan: ChildPlan;
  readonly path: string;
  state: ChildState;
}
export interface Worker {
  readonly kind: "worker";
  ended: Reason | undefined;
  stopping: boolean;
}
export interface Sup {
  readonly kind: "supervisor";
  readonly plan: SupervisorPlan;
  readonly path: string;
  readonly parent: { readonly sup: Sup; readonly child: Child } | undefined;
  children: Child[];
  queue: Message[];
  restarts: number[];
  alive: boolean;
  ended: Reason | undefined;
}
export type Process = Worker | Sup;
export type Message =
  | { readonly type: "exit"; readonly child: Child; readonly process: Process; readonly reason: Reason }
  | { readonly type: "retry"; readonly child: Child }
  | { readonly type: "request"; readonly request: Request };

export const stopped: ChildState = { kind: "stopped" };
export const isClean = (reason: Reason) =>
  reason === "normal" || reason === "shutdown" || reason === "shutdown_with_info";
