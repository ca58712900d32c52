import {
  type ChildSpec,
  type ReasonLike,
  runtimeOf,
  type StartData,
  stop,
  type Target,
  type Timeout,
} from "@trunkline/process";
import type { ActorRefFrom, ActorRefFromLogic, AnyActorLogic, AnyActorRef } from "xstate";
import { ask, type RequestOptions } from "./ask.ts";
import type { ChildCounts, ChildInfo } from "./child-info.ts";
import { type DynamicChildSpec, parseDynamicChildSpec } from "./dynamic-child-spec.ts";
import { type DynamicFlags, DynamicSupervision } from "./dynamic-supervision.ts";
import { SupervisorError, shown } from "./error.ts";
import { parseMaxRestarts, parseMaxSeconds, refuseUnknownOptions } from "./flags.ts";
import { respond } from "./respond.ts";
import { attachRoot, checkRootOptions, type RootOptions, rootOptions, rootRuntime } from "./root.ts";
import {
  type ChildSpecOverrides,
  type Place,
  placeOptions,
  startSupervisor,
  supervisorChildSpec,
} from "./start-supervisor.ts";
import { type SupervisorLogic, supervisingLogic } from "./supervising-logic.ts";

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

/** Everything `DynamicSupervisor.startLink` takes. */
export interface DynamicSupervisorOptions extends DynamicSupervisorFlags, Place, RootOptions {}

type DynamicRequest =
  | { readonly type: "startChild"; readonly spec: unknown }
  | { readonly type: "terminateChild"; readonly ref: AnyActorRef }
  | { readonly type: "whichChildren" }
  | { readonly type: "countChildren" };

const requestTypes: ReadonlySet<unknown> = new Set<DynamicRequest["type"]>([
  "startChild",
  "terminateChild",
  "whichChildren",
  "countChildren",
]);

interface DynamicInput extends DynamicFlags {
  readonly extraArguments: readonly unknown[];
}

const logic: SupervisorLogic<DynamicSupervisorFlags> = supervisingLogic((home, flags) => {
  const { extraArguments, ...limits } = parseDynamicFlags(flags);
  const supervision = new DynamicSupervision(home, limits);
  return {
    begin: async () => home.decide.running(),
    exited: (ref, reason) => supervision.exited(ref, reason),
    serves: (request): request is DynamicRequest =>
      typeof request === "object" && request !== null && "type" in request && requestTypes.has(request.type),
    answer: (request, from) => respond(from, () => serve(supervision, extraArguments, request)),
    end: (reason) => supervision.end(reason),
    running: () => supervision.running(),
    forget: () => supervision.forget(),
  };
});

function serve(supervision: DynamicSupervision, extraArguments: readonly unknown[], request: DynamicRequest): unknown {
  switch (request.type) {
    case "startChild":
      return supervision.startChild(parseDynamicChildSpec(request.spec, extraArguments));
    case "terminateChild":
      return supervision.terminateChild(request.ref);
    case "whichChildren":
      return supervision.whichChildren();
    case "countChildren":
      return supervision.countChildren();
  }
}

const flagOptions = ["strategy", "maxRestarts", "maxSeconds", "maxChildren", "extraArguments"] as const;

function parseDynamicFlags(flags: DynamicSupervisorFlags): DynamicInput {
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

/** A running dynamic supervisor. */
export type DynamicSupervisorRef = ActorRefFromLogic<SupervisorLogic<DynamicSupervisorFlags>>;

/**
 * Starts a supervisor without children; they are added with `startChild`.
 * @throws SupervisorError, as a rejection: malformed flags; `already_started` with `ref` when the name is taken; `badarg`.
 * @see https://hexdocs.pm/elixir/DynamicSupervisor.html
 */
async function startLink(options: DynamicSupervisorOptions = {}): Promise<DynamicSupervisorRef> {
  refuseUnknownOptions(options, [...flagOptions, ...placeOptions, ...rootOptions]);
  checkRootOptions(options);
  parseDynamicFlags(options);
  const runtime = rootRuntime(options);
  const supervisor = await startSupervisor(logic, flagsOf(options), {
    ...options,
    ...(runtime === undefined ? {} : { runtime }),
  });
  if (options.parent === undefined) attachRoot(supervisor, runtimeOf(supervisor), options);
  return supervisor;
}

/** A dynamic supervisor as a child of a supervisor. `id` defaults to the name, else to `"Supervisor"`. */
function childSpec(
  options: DynamicSupervisorFlags & Pick<Place, "name"> = {},
  overrides: ChildSpecOverrides = {},
): ChildSpec {
  refuseUnknownOptions(options, [...flagOptions, "name"]);
  return supervisorChildSpec(logic, flagsOf(options), options.name, overrides);
}

/**
 * Starts a child.
 * @returns the child; `undefined` when its start function answered `"ignore"`: then nothing is kept
 * @throws SupervisorError, as a rejection: a malformed spec; `max_children`; `failed_to_start_child`.
 */
function startChild<L extends AnyActorLogic>(
  supervisor: Target,
  spec: DynamicChildSpec<L> & { readonly start: StartData<L> },
  options?: RequestOptions,
): Promise<ActorRefFrom<L>>;
function startChild<L extends AnyActorLogic>(
  supervisor: Target,
  spec: DynamicChildSpec<L>,
  options?: RequestOptions,
): Promise<ActorRefFrom<L> | undefined>;
async function startChild<L extends AnyActorLogic>(
  supervisor: Target,
  spec: DynamicChildSpec<L>,
  options?: RequestOptions,
): Promise<ActorRefFrom<L> | undefined> {
  return (await request(supervisor, { type: "startChild", spec }, options)) as ActorRefFrom<L> | undefined;
}

/**
 * Stops a child and forgets it. Of one that waits for its next attempt to restart, its last ref is known.
 * @throws SupervisorError, as a rejection: `not_found`.
 */
async function terminateChild(supervisor: Target, ref: AnyActorRef, options?: RequestOptions): Promise<void> {
  await request(supervisor, { type: "terminateChild", ref }, options);
}

/** All children, in no particular order; `id` is `undefined`. */
async function whichChildren(supervisor: Target, options?: RequestOptions): Promise<readonly ChildInfo[]> {
  return (await request(supervisor, { type: "whichChildren" }, options)) as readonly ChildInfo[];
}

/** How many children there are, how many run, and how many are of each type. */
async function countChildren(supervisor: Target, options?: RequestOptions): Promise<ChildCounts> {
  return (await request(supervisor, { type: "countChildren" }, options)) as ChildCounts;
}

/** Stops the children, all at once and each within its own time, then the supervisor. As `Supervisor.stop`. */
function stopSupervisor(
  supervisor: Target,
  reason: ReasonLike = "normal",
  options: { readonly timeoutMs?: Timeout } = {},
): Promise<void> {
  return stop(supervisor, reason, options);
}

/** A supervisor whose children come and go, known by their refs instead of ids. */
export const DynamicSupervisor = {
  startLink,
  childSpec,
  startChild,
  terminateChild,
  whichChildren,
  countChildren,
  stop: stopSupervisor,
} as const;

const request = (supervisor: Target, message: DynamicRequest, options?: RequestOptions): Promise<unknown> =>
  ask(supervisor, message, options);

function flagsOf(options: DynamicSupervisorFlags): DynamicSupervisorFlags {
  const { strategy, maxRestarts, maxSeconds, maxChildren, extraArguments } = options;
  const flags = { strategy, maxRestarts, maxSeconds, maxChildren, extraArguments };
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}
