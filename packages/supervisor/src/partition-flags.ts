import { availableParallelism } from "node:os";
import type { ChildSpec, Name, ResolvedChildSpec } from "@trunkline/process";
import { parseChildren, parseChildSpec } from "./child-spec.ts";
import { SupervisorError, shown } from "./error.ts";
import { parseFlags, type Strategy, type SupervisorFlags } from "./flags.ts";

/** What is started once for each partition. */
export interface PartitionFlags {
  /** Required: the name that `via` routes by. */
  readonly name: Name;
  /** Required: the spec of every partition; its `id` is replaced by the partition's number. */
  readonly childSpec: Omit<ChildSpec, "id"> & { readonly id?: unknown };
  /** How many, 1 or more. Default: as many as Node can run in parallel. */
  readonly partitions?: number;
  /** Makes the `input` of one partition from that of the spec. Default: all get the same. */
  readonly withArguments?: (input: unknown, partition: number) => unknown;
  /** Default `"one_for_one"`. */
  readonly strategy?: Strategy;
  /** Default 3. */
  readonly maxRestarts?: number;
  /** Seconds. Default 5. */
  readonly maxSeconds?: number;
  /** Must be `"never"`. */
  readonly autoShutdown?: "never";
}

/** Flags with their defaults, and one spec for each partition, its id the partition's number. */
export interface ParsedPartitionFlags {
  readonly flags: Required<SupervisorFlags>;
  readonly specs: readonly ResolvedChildSpec[];
}

/** The names of the flags. */
export const partitionFlagNames = [
  "name",
  "childSpec",
  "partitions",
  "withArguments",
  "strategy",
  "maxRestarts",
  "maxSeconds",
  "autoShutdown",
] as const;

/**
 * Checks the flags and makes the specs of all partitions.
 * @throws SupervisorError as `PartitionSupervisor.startLink`.
 */
export function parsePartitionFlags(options: PartitionFlags): ParsedPartitionFlags {
  const {
    partitions = availableParallelism(),
    withArguments,
    autoShutdown = "never",
    strategy = "one_for_one",
  } = options;
  const refusal = (code: ConstructorParameters<typeof SupervisorError>[0], what: string, value: unknown) =>
    new SupervisorError(code, what, { where: "supervisor_data", value });
  if (options.name === undefined)
    throw refusal("badarg", "A PartitionSupervisor needs a name to be routed by.", options);
  if (options.childSpec === undefined) throw refusal("badarg", "A PartitionSupervisor needs a childSpec.", options);
  if (autoShutdown !== "never")
    throw refusal("invalid_auto_shutdown", "The autoShutdown of partitions is never.", autoShutdown);
  if (!Number.isSafeInteger(partitions) || partitions < 1) {
    throw refusal("invalid_partitions", `partitions: ${shown(partitions)}.`, partitions);
  }
  const flags = parseFlags({ ...options, strategy, autoShutdown });
  const template = parseChildSpec({ ...options.childSpec, id: 0 });
  const { start } = template;
  if (withArguments !== undefined && (typeof withArguments !== "function" || typeof start === "function")) {
    throw refusal(
      "badarg",
      "withArguments is a function, and the start of the childSpec { logic, input }.",
      withArguments,
    );
  }
  const specs = Array.from({ length: partitions }, (_, id) => ({
    ...template,
    id,
    start:
      withArguments === undefined || typeof start === "function"
        ? start
        : { ...start, input: withArguments(start.input, id) },
  }));
  return { flags, specs: parseChildren("never", specs) };
}
