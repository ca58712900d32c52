import { call, type Target, type Timeout } from "@trunkline/process";

/** How long a request may take. Without options it has all the time it needs, as in OTP. */
export interface RequestOptions {
  /** Milliseconds. The request is not taken back when they have passed. Default `"infinity"`. */
  readonly timeoutMs?: Timeout;
  /** Stops waiting when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Sends a supervisor one request and waits for the answer.
 * @throws SupervisorError (as a rejection) what the supervisor refuses; CallError `noproc`, `exited`, `timeout`, `aborted`.
 */
export function ask<Request extends object>(
  supervisor: Target,
  request: Request,
  options: RequestOptions = {},
): Promise<unknown> {
  return call(supervisor, request, { timeoutMs: "infinity", ...options });
}
