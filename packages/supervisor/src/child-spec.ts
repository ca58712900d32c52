import { type ChildSpec, type ResolvedChildSpec, resolveChildSpec } from "@trunkline/process";
import { SupervisorError, type SupervisorErrorCode, shown } from "./error.ts";
import type { AutoShutdown } from "./flags.ts";

const restarts: ReadonlySet<unknown> = new Set(["permanent", "transient", "temporary"]);
const childTypes: ReadonlySet<unknown> = new Set(["worker", "supervisor"]);

/**
 * Checks one child spec and fills in the defaults. Unknown keys are left out, as OTP does.
 * @throws SupervisorError the first violation, in OTP's order: `invalid_child_spec`, `missing_id`, `missing_start`, `invalid_mfa`,
 *   `invalid_restart_type`, `invalid_significant`, `invalid_child_type`, `invalid_shutdown`, `invalid_modules`, and last
 *   `timeout_value` for `startTimeoutMs`.
 * @see https://www.erlang.org/doc/apps/stdlib/supervisor.html#t:child_spec/0
 */
export function parseChildSpec(spec: unknown): ResolvedChildSpec {
  if (!isRecord(spec)) throw refusal("invalid_child_spec", `A child spec is ${shown(spec)}.`, spec, undefined);
  const { id } = spec;
  if (id === undefined) throw refusal("missing_id", "A child spec has no id.", spec, undefined);
  const child = `Child ${shown(id)}`;
  if (spec.start === undefined) throw refusal("missing_start", `${child} has no start.`, spec, id);
  if (!isStart(spec.start)) throw refusal("invalid_mfa", `${child}: start is ${shown(spec.start)}.`, spec.start, id);
  if (isRecord(spec.start) && !isReady(spec.start.ready)) {
    throw refusal("invalid_mfa", `${child}: start.ready is ${shown(spec.start.ready)}.`, spec.start, id);
  }
  for (const [key, isValid, code] of checks) {
    const value = spec[key];
    if (value !== undefined && !isValid(value)) throw refusal(code, `${child}: ${key} is ${shown(value)}.`, value, id);
  }
  // Every field has been checked; this is the one place where an unknown value becomes a child spec.
  return resolveChildSpec(spec as unknown as ChildSpec);
}

/**
 * Checks a spec against its supervisor as well.
 * @throws SupervisorError what `parseChildSpec` throws, or `bad_combination`: significant under `autoShutdown: "never"`, or
 *   significant and permanent.
 */
export function parseChildSpecFor(autoShutdown: AutoShutdown, spec: unknown): ResolvedChildSpec {
  const parsed = parseChildSpec(spec);
  if (!parsed.significant) return parsed;
  const child = `Child ${shown(parsed.id)} is significant`;
  if (autoShutdown === "never") {
    throw refusal("bad_combination", `${child} and autoShutdown is "never".`, spec, parsed.id);
  }
  if (parsed.restart === "permanent") throw refusal("bad_combination", `${child} and permanent.`, spec, parsed.id);
  return parsed;
}

/**
 * Checks the initial list of a supervisor.
 * @throws SupervisorError with `where: "start_spec"`; `duplicate_child_name` when two specs share an id.
 */
export function parseChildren(autoShutdown: AutoShutdown, children: unknown): readonly ResolvedChildSpec[] {
  if (!Array.isArray(children)) {
    throw refusal(
      "badarg",
      `The children are ${shown(children)} instead of an array.`,
      children,
      undefined,
      "start_spec",
    );
  }
  const seen = new Set<unknown>();
  return children.map((spec: unknown) => {
    const parsed = inStartSpec(() => parseChildSpecFor(autoShutdown, spec));
    if (seen.has(parsed.id)) {
      throw refusal(
        "duplicate_child_name",
        `Two children have the id ${shown(parsed.id)}.`,
        spec,
        parsed.id,
        "start_spec",
      );
    }
    seen.add(parsed.id);
    return parsed;
  });
}

type Check = readonly [key: string, isValid: (value: unknown) => boolean, code: SupervisorErrorCode];

const checks: readonly Check[] = [
  ["restart", (value) => restarts.has(value), "invalid_restart_type"],
  ["significant", (value) => typeof value === "boolean", "invalid_significant"],
  ["type", (value) => childTypes.has(value), "invalid_child_type"],
  ["shutdown", isShutdown, "invalid_shutdown"],
  ["modules", (value) => Array.isArray(value), "invalid_modules"],
  ["startTimeoutMs", isTimeout, "timeout_value"],
];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isStart(start: unknown): boolean {
  if (typeof start === "function") return true;
  if (!isRecord(start) || !isRecord(start.logic)) return false;
  return typeof start.logic.transition === "function" && typeof start.logic.getInitialSnapshot === "function";
}

function isReady(ready: unknown): boolean {
  if (ready === undefined || typeof ready === "string" || typeof ready === "function") return true;
  return isRecord(ready) && typeof ready.emitted === "string";
}

function isShutdown(value: unknown): boolean {
  if (value === "infinity" || value === "brutal_kill") return true;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isTimeout(value: unknown): boolean {
  return value === "infinity" || (typeof value === "number" && Number.isFinite(value) && value > 0);
}

function inStartSpec<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error;
    throw error.withWhere("start_spec");
  }
}

const refusal = (
  code: SupervisorErrorCode,
  what: string,
  value: unknown,
  id: unknown,
  where?: "start_spec" | "supervisor_data",
) => new SupervisorError(code, what, { value, id, ...(where === undefined ? {} : { where }) });
