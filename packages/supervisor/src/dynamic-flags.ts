import type { DynamicFlags } from "./dynamic-supervision.ts";
import { SupervisorError, shown } from "./error.ts";
import { parseMaxRestarts, parseMaxSeconds } from "./flags.ts";

/** How a dynamic supervisor behaves. */
export interface DynamicSupervisorFlags {
  /** The only strategy there is. */
  readonly strategy?: "one_for_one";
  /** Restarts allowed within `maxSeconds`. Default 3. */
  readonly maxRestarts?: number;
  /** Length of the sliding window in seconds. Default 5. */
  readonly maxSeconds?: number;
  /** The most children, those that are being restarted included. Default `"infinity"`. */
  readonly maxChildren?: number | "infinity";
  /** Put before the arguments of each child's own start; see `parseDynamicChildSpec`. Default none. */
  readonly extraArguments?: readonly unknown[];
}

/** Flags with their defaults. */
export interface DynamicInput extends DynamicFlags {
  readonly extraArguments: readonly unknown[];
}

/** The names of the flags. */
export const dynamicFlagNames = ["strategy", "maxRestarts", "maxSeconds", "maxChildren", "extraArguments"] as const;

/**
 * Checks the flags.
 * @throws SupervisorError `invalid_strategy`, `invalid_intensity`, `invalid_period`, `invalid_max_children`,
 *   `invalid_extra_arguments`: the first that applies.
 */
export function parseDynamicFlags(flags: DynamicSupervisorFlags): DynamicInput {
  const { strategy = "one_for_one", maxChildren = "infinity", extraArguments = [] } = flags;
  const refusal = (code: ConstructorParameters<typeof SupervisorError>[0], what: string, value: unknown) =>
    new SupervisorError(code, what, { where: "supervisor_data", value });
  if (strategy !== "one_for_one")
    throw refusal("invalid_strategy", "A DynamicSupervisor is always one_for_one.", strategy);
  const maxRestarts = parseMaxRestarts(flags.maxRestarts);
  const maxSeconds = parseMaxSeconds(flags.maxSeconds);
  if (maxChildren !== "infinity" && !(Number.isSafeInteger(maxChildren) && maxChildren >= 0)) {
    throw refusal("invalid_max_children", `maxChildren: ${shown(maxChildren)}.`, maxChildren);
  }
  if (!Array.isArray(extraArguments)) {
    throw refusal("invalid_extra_arguments", `extraArguments: ${shown(extraArguments)}.`, extraArguments);
  }
  return { maxRestarts, maxSeconds, maxChildren, extraArguments };
}

/** The flags among other options. */
export function flagsOf(options: DynamicSupervisorFlags): DynamicSupervisorFlags {
  const { strategy, maxRestarts, maxSeconds, maxChildren, extraArguments } = options;
  const flags = { strategy, maxRestarts, maxSeconds, maxChildren, extraArguments };
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}
