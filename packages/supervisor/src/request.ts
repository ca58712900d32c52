/** What can be asked of a supervisor, as it travels in a call. */
export type SupervisorRequest =
  | { readonly type: "startChild"; readonly spec: unknown }
  | { readonly type: "terminateChild"; readonly id: unknown }
  | { readonly type: "restartChild"; readonly id: unknown }
  | { readonly type: "deleteChild"; readonly id: unknown }
  | { readonly type: "whichChildren" }
  | { readonly type: "countChildren" }
  | { readonly type: "getChildspec"; readonly id: unknown };

const types: ReadonlySet<unknown> = new Set<SupervisorRequest["type"]>([
  "startChild",
  "terminateChild",
  "restartChild",
  "deleteChild",
  "whichChildren",
  "countChildren",
  "getChildspec",
]);

/** Whether this is a request of the supervisor API; what a caller made up is not. */
export function isSupervisorRequest(request: unknown): request is SupervisorRequest {
  return typeof request === "object" && request !== null && "type" in request && types.has(request.type);
}
