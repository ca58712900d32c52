import { crashed } from "./exit-reason.ts";
import { isActorRef } from "./is-actor-ref.ts";
import type { StartOptions } from "./spawn.ts";
import { StartError, type StartErrorCode } from "./start-error.ts";

type Check = readonly [isValid: (value: unknown) => boolean, takes: string];

const isString = (value: unknown): boolean => typeof value === "string";
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const hasMethods = (value: unknown, ...methods: readonly string[]): boolean =>
  isObject(value) && methods.every((method) => typeof value[method] === "function");
const isNumberFrom = (value: unknown, least: number): boolean => typeof value === "number" && value >= least;

// Every start option, and what it takes.
const checks: Readonly<Record<keyof StartOptions, Check>> = {
  parent: [isActorRef, "an actor, the one to start under; a name is looked up with whereis(name)"],
  id: [isString, "a string"],
  name: [isName, "a string or via(registry, key)"],
  systemId: [isString, "a string"],
  startTimeoutMs: [(value) => value === "infinity" || isNumberFrom(value, 0), 'milliseconds, 0 or more, or "infinity"'],
  signal: [(value) => hasMethods(value, "addEventListener", "removeEventListener"), "an AbortSignal"],
  inspect: [isInspect, "a function, or an observer with next(event)"],
  runtime: [isRuntime, "what makeRuntime({ clock, random, logger }) returns; makeRuntime fills in what is left out"],
  mailbox: [isMailbox, "{ capacity }: how many messages may wait, 1 or more"],
  label: [isString, "a string"],
};

/**
 * Refuses options that would be ignored or make no sense.
 * @throws StartError `unknown_option`, `invalid_option`
 */
export function checkOptions(options: unknown): asserts options is StartOptions {
  if (!isObject(options) || Array.isArray(options)) {
    throw refusal("invalid_option", `The options are ${shown(options)}: they are an object, such as { name }.`);
  }
  for (const [option, value] of Object.entries(options)) {
    if (!isStartOption(option)) {
      throw refusal("unknown_option", `"${option}" is no start option; there are ${Object.keys(checks).join(", ")}.`);
    }
    const [isValid, takes] = checks[option];
    if (value === undefined || isValid(value)) continue;
    throw refusal("invalid_option", `${option} is ${shown(value)}: it takes ${takes}.`);
  }
}

const isStartOption = (option: string): option is keyof StartOptions => Object.hasOwn(checks, option);

function isName(value: unknown): boolean {
  if (typeof value === "string") return true;
  if (!isObject(value)) return false;
  // A global name is refused with a sentence of its own when it is taken.
  return value["type"] === "global" || (value["type"] === "via" && hasMethods(value, "whereis", "register"));
}

// An observer may be partial; one without any of its functions is something else.
function isInspect(value: unknown): boolean {
  if (typeof value === "function") return true;
  return ["next", "error", "complete"].some((method) => hasMethods(value, method));
}

function isRuntime(value: unknown): boolean {
  if (!hasMethods(value, "random") || !isObject(value)) return false;
  const { clock, logger } = value;
  return (
    hasMethods(clock, "now", "setTimeout", "clearTimeout", "yieldToLoop") &&
    hasMethods(logger, "debug", "info", "warn", "error")
  );
}

function isMailbox(value: unknown): boolean {
  if (!isObject(value) || Array.isArray(value)) return false;
  const { capacity, ...others } = value;
  return Object.keys(others).length === 0 && (capacity === undefined || isNumberFrom(capacity, 1));
}

/** A value in an error message: short, and without what it holds. */
function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "function":
      return "a function";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? "an array" : `an object with ${Object.keys(value).join(", ") || "nothing in it"}`;
    default:
      return String(value);
  }
}

function refusal(code: StartErrorCode, what: string): StartError {
  return new StartError(code, what, { reason: crashed(code) });
}
