import type { AnyActorRef } from "xstate";
import { describeReason, type ExitReason } from "./exit-reason.ts";

const remedies = {
  exited: "Look at `reason`: it is what the process itself ended with.",
  failed: "The start function threw; look at `reason`.",
  timeout: 'It was killed. Make it acknowledge sooner, or raise startTimeoutMs ("infinity" waits for ever).',
  already_started: "`ref` holds the name. Use that process, stop it first, or start under another name.",
  bad_return_value: 'A start function returns an actor it started, or "ignore".',
  noproc: "The parent has ended; start it from a running process.",
  aborted: "The start was given up: heed its signal, and start anew if it is still wanted.",
  bad_name: "See the cause.",
  unknown_option: "Nothing was started.",
  invalid_option: "Nothing was started.",
  invalid_start: "Pass { logic, input?, ready? } or a function that returns an actor.",
} as const;

/** Why a start failed; OTP's atoms where OTP has one. */
export type StartErrorCode = keyof typeof remedies;

/** A process did not start. Whatever the attempt had made is gone when this is thrown. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly code: StartErrorCode;
  /** What the process ended with (`exited`, `failed`), or the nearest exit reason. */
  readonly reason: ExitReason;
  /** `already_started`: the process that holds the name. */
  readonly ref: AnyActorRef | undefined;

  constructor(
    code: StartErrorCode,
    what: string,
    options: ErrorOptions & { readonly reason: ExitReason; readonly ref?: AnyActorRef },
  ) {
    super(`${what} ${remedies[code]}`, "cause" in options ? { cause: options.cause } : causeOf(options.reason));
    this.code = code;
    this.reason = options.reason;
    this.ref = options.ref;
  }
}

const causeOf = (reason: ExitReason): ErrorOptions => (reason.type === "error" ? { cause: reason.error } : {});

/** The error for a process that ended before it acknowledged. */
export function exitedBeforeReady(label: string, reason: ExitReason): StartError {
  return new StartError("exited", `${label} ended before it was ready: ${describeReason(reason)}.`, { reason });
}
