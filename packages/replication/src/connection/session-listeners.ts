import type { ServerReport } from "@trunkline/protocol";

/** Who hears what a session was not asked for. All calls are synchronous. */
export interface SessionListeners {
  /** The session is over, for a reason other than `close()`; comes once, after all data that had arrived. */
  closed?(reason: Error): void;
  /** A notice or warning of the server. */
  notice?(report: ServerReport): void;
  /** A setting of the session has changed (or been told for the first time, after a reload of the server). */
  parameterChanged?(name: string, value: string): void;
  /** What `NOTIFY` sent, on a session that listens. */
  notification?(notification: { processId: number; channel: string; payload: string }): void;
}
