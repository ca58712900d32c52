import type { StartError } from "@trunkline/process";
import { SupervisorError, shown } from "./error.ts";

/** The refusal for a child that did not start: `reason` is its exit reason, `cause` the kernel's error. */
export function failedToStart(id: unknown, error: StartError): SupervisorError {
  return new SupervisorError("failed_to_start_child", `Child ${shown(id)} did not start: ${error.message}`, {
    id,
    reason: error.reason,
    cause: error,
    ...(error.ref === undefined ? {} : { ref: error.ref }),
  });
}
