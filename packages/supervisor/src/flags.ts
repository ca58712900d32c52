import { SupervisorError, shown } from "./error.ts";

/** What happens to the siblings when a child has to be restarted. */
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one";

/** Whether the end of significant children ends the supervisor. */
export type AutoShutdown = "never" | "any_significant" | "all_significant";

/**
 * How a supervisor behaves.
 * @see https://www.erlang.org/doc/apps/stdlib/supervisor.html#t:sup_flags/0
 */
export interface SupervisorFlags {
  /** Required: which siblings are restarted along with a child. */
  readonly strategy: Strategy;
  /** Restarts allowed within `maxSeconds`; one more and the supervisor gives up. A whole number, 0 or more. Default 3. */
  readonly maxRestarts?: number;
  /** Length of the sliding window in seconds. A whole number, 1 or more. Default 5. */
  readonly maxSeconds?: number;
  /** Whether significant children that end take the supervisor with them. Default `"never"`. */
  readonly autoShutdown?: AutoShutdown;
}

const strategies: ReadonlySet<unknown> = new Set<Strategy>(["one_for_one", "one_for_all", "rest_for_one"]);
const autoShutdowns: ReadonlySet<unknown> = new Set<AutoShutdown>(["never", "any_significant", "all_significant"]);

const isStrategy = (value: unknown): value is Strategy => strategies.has(value);
const isAutoShutdown = (value: unknown): value is AutoShutdown => autoShutdowns.has(value);
const isWhole = (value: unknown, least: number): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least;

/** A whole number of restarts. @throws SupervisorError `invalid_intensity`. */
export function parseMaxRestarts(value: unknown = 3): number {
  if (isWhole(value, 0)) return value;
  throw malformed("invalid_intensity", `maxRestarts: ${shown(value)}.`, value);
}

/** A whole number of seconds. @throws SupervisorError `invalid_period`. */
export function parseMaxSeconds(value: unknown = 5): number {
  if (isWhole(value, 1)) return value;
  throw malformed("invalid_period", `maxSeconds: ${shown(value)}.`, value);
}

/**
 * Flags with every default filled in.
 * @throws SupervisorError `invalid_strategy`, `invalid_intensity`, `invalid_period`, `invalid_auto_shutdown`: the first that applies.
 */
export function parseFlags(
  flags: Readonly<Partial<Record<keyof SupervisorFlags, unknown>>>,
): Required<SupervisorFlags> {
  const { strategy, autoShutdown = "never" } = flags;
  if (!isStrategy(strategy)) throw malformed("invalid_strategy", `strategy: ${shown(strategy)}.`, strategy);
  const maxRestarts = parseMaxRestarts(flags.maxRestarts);
  const maxSeconds = parseMaxSeconds(flags.maxSeconds);
  if (!isAutoShutdown(autoShutdown)) {
    throw malformed("invalid_auto_shutdown", `autoShutdown: ${shown(autoShutdown)}.`, autoShutdown);
  }
  return { strategy, maxRestarts, maxSeconds, autoShutdown };
}

/** What people coming from Erlang, Elixir or a typing error write, and the option they mean. */
const meant: Readonly<Record<string, string>> = {
  intensity: "maxRestarts",
  period: "maxSeconds",
  max_restarts: "maxRestarts",
  max_seconds: "maxSeconds",
  auto_shutdown: "autoShutdown",
  max_children: "maxChildren",
  extra_arguments: "extraArguments",
  with_arguments: "withArguments",
  child_spec: "childSpec",
};

/**
 * Refuses options that do not exist, naming the one that was probably meant.
 * @throws SupervisorError `badarg`.
 */
export function refuseUnknownOptions(options: unknown, known: readonly string[]): asserts options is object {
  if (typeof options !== "object" || options === null) {
    throw malformed("badarg", `The options are ${shown(options)} instead of an object.`, options);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = meant[key] ?? known.find((name) => name.toLowerCase() === key.toLowerCase());
    const hint = near === undefined ? `Known options: ${known.join(", ")}.` : `Did you mean ${near}?`;
    throw malformed("badarg", `There is no option ${shown(key)}. ${hint}`, key);
  }
}

const malformed = (code: ConstructorParameters<typeof SupervisorError>[0], what: string, value: unknown) =>
  new SupervisorError(code, what, { where: "supervisor_data", value });
