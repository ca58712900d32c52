import type { From } from "@trunkline/process";
import type { ResultOrError } from "../callbacks.ts";
import type { Reason } from "../instruction.ts";
import type { ProcessEvent } from "../machine/events.ts";

/** What waits in a mailbox for a callback. */
export type Item =
  | { readonly type: "call"; readonly request: unknown; readonly from: From }
  | { readonly type: "info"; readonly info: unknown }
  | { readonly type: "connected" }
  | { readonly type: "result"; readonly result: ResultOrError }
  | { readonly type: "streamStarted" }
  | { readonly type: "done" }
  /** The session is lost. `handled` is called when `handleDisconnect` has run. */
  | { readonly type: "lost"; readonly reason: Reason; readonly handled: () => void };

/** Which callback returned an instruction, and on whose call. */
export interface Origin {
  readonly callback: string;
  readonly from?: From;
}

/** The item for a message of another process; `undefined` for what is no message. */
export function itemOf(message: ProcessEvent): Item | undefined {
  switch (message.type) {
    case "call":
      return { type: "call", request: message.request, from: message.from };
    case "cast":
      return { type: "info", info: message.request };
    case "info":
      return { type: "info", info: message.info };
    case "otp.exit":
    case "otp.down":
      return { type: "info", info: message };
    case "otp.stop":
      return undefined;
  }
}
