import type { ChildSpec, ResolvedChildSpec, StartContext, StartData, Started } from "@trunkline/process";
import type { AnyActorLogic } from "xstate";
import { parseChildSpec } from "./child-spec.ts";
import { SupervisorError, shown } from "./error.ts";

/** What a start function of a dynamic child is handed. */
export interface DynamicStartContext extends StartContext {
  /** The `extraArguments` of the supervisor. */
  readonly extraArguments: readonly unknown[];
}

/** A child of a `DynamicSupervisor`: a child spec whose `id` is shown and otherwise ignored. */
export interface DynamicChildSpec<L extends AnyActorLogic = AnyActorLogic>
  extends Omit<ChildSpec, "id" | "significant" | "start"> {
  readonly id?: unknown;
  readonly start: StartData<L> | ((context: DynamicStartContext) => Started | Promise<Started>);
}

/**
 * Checks a spec and puts the extra arguments before its own: in front of the `input` of `{ logic, input }` (which becomes an
 * array), and as `extraArguments` of what a function is handed. Without extra arguments the input stays as it is.
 * @throws SupervisorError as `parseChildSpec`, but `invalid_child_spec` for a malformed start, and `invalid_significant`
 *   when it is significant.
 */
export function parseDynamicChildSpec(spec: unknown, extraArguments: readonly unknown[]): ResolvedChildSpec {
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) return parseChildSpec(spec);
  const parsed = parseStart({ ...spec, id: ("id" in spec ? spec.id : undefined) ?? "undefined" });
  if (parsed.significant) {
    throw new SupervisorError("invalid_significant", `Child ${shown(parsed.id)} is significant.`, {
      id: parsed.id,
      value: true,
    });
  }
  const { start } = parsed;
  if (typeof start !== "function") {
    if (extraArguments.length === 0) return parsed;
    const own = start.input === undefined ? [] : Array.isArray(start.input) ? start.input : [start.input];
    return { ...parsed, start: { ...start, input: [...extraArguments, ...own] } };
  }
  return { ...parsed, start: (context) => start(Object.assign(Object.create(context), { extraArguments })) };
}

function parseStart(spec: object): ResolvedChildSpec {
  try {
    return parseChildSpec(spec);
  } catch (error) {
    if (!(error instanceof SupervisorError) || error.code !== "invalid_mfa") throw error;
    throw new SupervisorError("invalid_child_spec", `Child ${shown(error.id)} has a malformed start.`, {
      id: error.id,
      value: spec,
      cause: error,
    });
  }
}
