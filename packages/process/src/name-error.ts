import type { AnyActorRef } from "xstate";

const remedies = {
  already_registered: "Choose another name, or stop its holder first.",
  not_registered: "Register it first; a name is freed when its holder ends.",
  global_not_supported: "Names span one Node process here: use a local name (a string) or a Registry with via().",
  not_registrable: "This kind of name only routes; register a local name or a Registry key instead.",
  noproc: "Only a running process can hold a name.",
  unknown_registry: "Start the registry first, and pass its ref or its name.",
  duplicate_keys: 'Start the registry with keys: "unique" to address one process by its key.',
} as const;

/** What is wrong with a name; OTP's atoms where OTP has one. */
export type NameErrorCode = keyof typeof remedies;

/** A name could not be taken or found. `holder`: the process in the way. */
export class NameError extends Error {
  override readonly name = "NameError";
  readonly code: NameErrorCode;
  readonly holder: AnyActorRef | undefined;

  constructor(code: NameErrorCode, what: string, options: ErrorOptions & { readonly holder?: AnyActorRef } = {}) {
    super(`${what} ${remedies[code]}`, options);
    this.code = code;
    this.holder = options.holder;
  }
}
