import type { AnyActorRef } from "xstate";

/** What a person does about each error, by its OTP atom. */
const remedies = {
  already_present: "Restart it with restartChild or delete it with deleteChild first.",
  already_started: "Choose another id or name, or stop the one that holds it.",
  badarg: "See the documented options and their types.",
  bad_combination:
    "A significant child must be transient or temporary, under a supervisor whose autoShutdown is not never.",
  bad_return: "Return what the documentation of this option asks for.",
  duplicate_child_name: "Give each child of one supervisor its own id.",
  failed_to_start_child: "The reason and the cause say why; nothing of the failed start is left running.",
  invalid_auto_shutdown: 'Use "never", "any_significant" or "all_significant".',
  invalid_child_spec: "A child spec is an object with at least id and start.",
  invalid_child_type: 'Use "worker" or "supervisor".',
  invalid_extra_arguments: "Use an array.",
  invalid_intensity: "maxRestarts is a whole number of restarts, 0 or more.",
  invalid_max_children: 'maxChildren is a whole number, 0 or more, or "infinity".',
  invalid_mfa:
    "start is { logic, input?, ready? } with XState logic (ready: a tag, a predicate or { emitted }), or a function that starts the child and returns its ref.",
  invalid_modules: "modules is an array.",
  invalid_partitions: "partitions is a whole number, 1 or more; resize goes from 0 to the initial number.",
  invalid_period: "maxSeconds is a whole number of seconds, 1 or more.",
  invalid_restart_type: 'Use "permanent", "transient" or "temporary".',
  invalid_shutdown: 'Use a whole number of milliseconds, 0 or more, "infinity" or "brutal_kill".',
  invalid_significant: "Use true or false; children of a DynamicSupervisor can't be significant.",
  invalid_strategy: 'Use "one_for_one", "one_for_all" or "rest_for_one"; a strategy must be chosen.',
  max_children: "Wait until a child has ended, or raise maxChildren.",
  missing_id: "Give the child spec an id that is unique among the children of its supervisor.",
  missing_start: "Give the child spec a start: { logic, input } or a function.",
  noproc: "Start partitions before you route to them: the PartitionSupervisor has none.",
  not_found: "whichChildren lists the children there are.",
  not_owner: "Only the process that started a task may await it.",
  restarting: "It is between a failed restart and the next attempt: terminateChild cancels that.",
  running: "Stop it with terminateChild first.",
  timeout: "The request was not cancelled and may still take effect.",
  timeout_value: 'Use a number of milliseconds greater than 0, or "infinity".',
  undef: "A supervisor answers the calls of its API only.",
} as const;

/** The OTP atom that names an error. */
export type SupervisorErrorCode = keyof typeof remedies;

/** Facts about an error, as far as they apply. */
export interface SupervisorErrorDetails extends ErrorOptions {
  /** Which part of `startLink`'s arguments was malformed, as OTP tells them apart. */
  readonly where?: "start_spec" | "supervisor_data";
  /** The id of the child it is about. */
  readonly id?: unknown;
  /** The offending value. */
  readonly value?: unknown;
  /** `already_started`: who holds the id or the name. */
  readonly ref?: AnyActorRef;
  /** `failed_to_start_child`: why it did not start: its exit reason, or what its start function returned or threw. */
  readonly reason?: unknown;
}

/**
 * A refusal by a supervisor, or by a check of what was handed to it. Branch on `code`; the message says what happened
 * and what to do.
 * @see https://www.erlang.org/doc/apps/stdlib/supervisor.html
 */
export class SupervisorError extends Error {
  override readonly name = "SupervisorError";
  readonly code: SupervisorErrorCode;
  readonly where: "start_spec" | "supervisor_data" | undefined;
  readonly id: unknown;
  readonly value: unknown;
  readonly ref: AnyActorRef | undefined;
  readonly reason: unknown;
  readonly #what: string;

  constructor(code: SupervisorErrorCode, what: string, details: SupervisorErrorDetails = {}) {
    super(`${what} ${remedies[code]}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.#what = what;
    this.code = code;
    this.where = details.where;
    this.id = details.id;
    this.value = details.value;
    this.ref = details.ref;
    this.reason = details.reason;
  }

  /** The same refusal, said of the argument it came from. */
  withWhere(where: "start_spec" | "supervisor_data"): SupervisorError {
    const { code, id, value, ref, reason, cause } = this;
    return new SupervisorError(code, this.#what, {
      where,
      id,
      value,
      reason,
      cause,
      ...(ref === undefined ? {} : { ref }),
    });
  }
}

/** A value as a sentence shows it: short, and never throwing. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
    case "function":
      return value.name === "" ? "a function" : `function ${value.name}`;
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? `an array of ${value.length}` : "an object";
    default:
      return String(value);
  }
}
