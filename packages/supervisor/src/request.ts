/** What can be asked of a supervisor, as it travels in a call. */
export type SupervisorRequest =
  | { readonly type: "startChild"; readonly spec: unknown }
  | { readonly type: "terminateChild"; readonly id: unknown }
  | { readonly type: "restartChild"; readonly id: unknown }
  | { readonly type: "deleteChild"; readonly id: unknown }
  | { readonly type: "whichChildren" }
  | { readonly type: "countChildren" }
  | { readonly type: "getChildspec"; readonly id: unknown };

/** Makes what tells requests of these types from what a caller made up. */
export function requestsOf<Request extends { readonly type: string }>(
  ...types: readonly Request["type"][]
): (request: unknown) => request is Request {
  const known: ReadonlySet<unknown> = new Set(types);
  return (request): request is Request =>
    typeof request === "object" && request !== null && "type" in request && known.has(request.type);
}

/** Whether this is a request of the supervisor API. */
export const isSupervisorRequest = requestsOf<SupervisorRequest>(
  "startChild",
  "terminateChild",
  "restartChild",
  "deleteChild",
  "whichChildren",
  "countChildren",
  "getChildspec",
);
