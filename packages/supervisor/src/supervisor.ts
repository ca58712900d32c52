import { type ChildSpec, runtimeOf, type StartData, type Target } from "@trunkline/process";
import type { ActorRefFrom, ActorRefFromLogic, AnyActorLogic, AnyActorRef } from "xstate";
import { ask, type RequestOptions } from "./ask.ts";
import { parseChildren } from "./child-spec.ts";
import { countChildren, stopSupervisor, whichChildren } from "./children-requests.ts";
import { SupervisorError, shown } from "./error.ts";
import { parseFlags, refuseUnknownOptions, type SupervisorFlags } from "./flags.ts";
import type { SupervisorRequest } from "./request.ts";
import { attachRoot, checkRootOptions, type RootOptions, rootOptions, rootRuntime } from "./root.ts";
import {
  type ChildSpecOverrides,
  type Place,
  placeOptions,
  startSupervisor,
  supervisorChild,
  supervisorChildSpec,
} from "./start-supervisor.ts";
import type { SupervisorLogic } from "./supervising-logic.ts";
import { type SupervisorInput, supervisorLogic } from "./supervisor-logic.ts";

/** A running supervisor: an XState actor, so it can be subscribed to, inspected, linked and monitored. */
export type SupervisorRef = ActorRefFromLogic<SupervisorLogic<SupervisorInput>>;

/** Everything `Supervisor.startLink` takes besides the children. */
export interface SupervisorOptions extends SupervisorFlags, Place, RootOptions {}

/**
 * Decides at each start, restarts included, which children there are. `"ignore"`: no supervisor is needed now, which is no
 * failure.
 */
export type SupervisorInit = () => readonly ChildSpec[] | "ignore";

const flagOptions = ["strategy", "maxRestarts", "maxSeconds", "autoShutdown"] as const;
const allOptions: readonly string[] = [...flagOptions, ...placeOptions, ...rootOptions];

/**
 * Starts a supervisor, then its children one after the other, each acknowledged before the next begins. When one fails,
 * those before it are stopped again and nothing is left running.
 * @returns the supervisor; `undefined` when `init` answered `"ignore"`
 * @throws SupervisorError, as a rejection: malformed flags (`where: "supervisor_data"`) or child specs (`"start_spec"`);
 *   `failed_to_start_child` with `id` and `reason`; `already_started` with `ref` when the name is taken; `bad_return` when
 *   `init` returned something else; `badarg` for an unknown option or one of the wrong shape.
 * @see https://www.erlang.org/doc/apps/stdlib/supervisor.html#start_link/3
 */
function startLink(init: SupervisorInit, options: SupervisorOptions): Promise<SupervisorRef | undefined>;
function startLink(children: readonly ChildSpec[], options: SupervisorOptions): Promise<SupervisorRef>;
async function startLink(
  children: readonly ChildSpec[] | SupervisorInit,
  options: SupervisorOptions,
): Promise<SupervisorRef | undefined> {
  refuseUnknownOptions(options, allOptions);
  checkRootOptions(options);
  const flags = parseFlags(options);
  const specs = initialise(children);
  if (specs === "ignore") return undefined;
  parseChildren(flags.autoShutdown, specs);
  const runtime = rootRuntime(options);
  const place: Place = { ...options, ...(runtime === undefined ? {} : { runtime }) };
  const supervisor = await startSupervisor(supervisorLogic, { children: specs, flags }, place);
  if (options.parent === undefined) attachRoot(supervisor, runtimeOf(supervisor), options);
  return supervisor;
}

/**
 * A supervisor as a child of another: the same as `startLink`, as data. It is a `supervisor` whose `shutdown` and start
 * take as long as its own children do. `id` defaults to the name, else to `"Supervisor"`.
 * @throws SupervisorError `badarg` for an unknown option. Children and flags are checked when it starts.
 */
function childSpec(
  children: readonly ChildSpec[] | SupervisorInit,
  options: SupervisorFlags & Pick<Place, "name">,
  overrides: ChildSpecOverrides = {},
): ChildSpec {
  refuseUnknownOptions(options, [...flagOptions, "name"]);
  const { name } = options;
  if (typeof children !== "function") {
    return supervisorChildSpec(supervisorLogic, { children, flags: options }, name, overrides);
  }
  return {
    ...supervisorChild(name, overrides),
    async start({ parent, signal }) {
      const specs = initialise(children);
      if (specs === "ignore") return "ignore";
      const place = {
        signal,
        ...(name === undefined ? {} : { name }),
        ...(parent === undefined ? {} : { parent }),
      };
      return startSupervisor(supervisorLogic, { children: specs, flags: options }, place);
    },
  };
}

/**
 * Starts one more child, at the end of the order.
 * @returns the child; `undefined` when its start function answered `"ignore"` (the spec is kept, unless temporary)
 * @throws SupervisorError, as a rejection: a malformed spec; `already_started` with `ref`; `already_present` when the id is
 *   there but stopped or restarting; `failed_to_start_child` (the spec is not kept).
 */
function startChild<L extends AnyActorLogic>(
  supervisor: Target,
  spec: ChildSpec<L> & { readonly start: StartData<L> },
  options?: RequestOptions,
): Promise<ActorRefFrom<L>>;
function startChild<L extends AnyActorLogic>(
  supervisor: Target,
  spec: ChildSpec<L>,
  options?: RequestOptions,
): Promise<ActorRefFrom<L> | undefined>;
async function startChild<L extends AnyActorLogic>(
  supervisor: Target,
  spec: ChildSpec<L>,
  options?: RequestOptions,
): Promise<ActorRefFrom<L> | undefined> {
  return (await ask<SupervisorRequest>(supervisor, { type: "startChild", spec }, options)) as
    | ActorRefFrom<L>
    | undefined;
}

/**
 * Stops a child, which is not restarted by this. Its spec stays, unless it is temporary. Of a child that is stopped or
 * between two attempts to restart: nothing, or no further attempt.
 * @throws SupervisorError, as a rejection: `not_found`.
 */
async function terminateChild(supervisor: Target, id: unknown, options?: RequestOptions): Promise<void> {
  await ask<SupervisorRequest>(supervisor, { type: "terminateChild", id }, options);
}

/**
 * Starts a stopped child again, in its old place.
 * @returns as `startChild`
 * @throws SupervisorError, as a rejection: `not_found`, `running`, `restarting`, `failed_to_start_child` (it stays stopped).
 */
async function restartChild(
  supervisor: Target,
  id: unknown,
  options?: RequestOptions,
): Promise<AnyActorRef | undefined> {
  return (await ask<SupervisorRequest>(supervisor, { type: "restartChild", id }, options)) as AnyActorRef | undefined;
}

/**
 * Forgets a stopped child.
 * @throws SupervisorError, as a rejection: `not_found`, `running`, `restarting`.
 */
async function deleteChild(supervisor: Target, id: unknown, options?: RequestOptions): Promise<void> {
  await ask<SupervisorRequest>(supervisor, { type: "deleteChild", id }, options);
}

/**
 * The spec of a child, all defaults filled in.
 * @throws SupervisorError, as a rejection: `not_found`.
 */
async function getChildspec(supervisor: Target, id: unknown, options?: RequestOptions): Promise<ChildSpec> {
  return (await ask<SupervisorRequest>(supervisor, { type: "getChildspec", id }, options)) as ChildSpec;
}

/**
 * Supervisors as in OTP: a tree of processes that come back when they crash.
 * @see https://www.erlang.org/doc/apps/stdlib/supervisor.html
 */
export const Supervisor = {
  startLink,
  childSpec,
  startChild,
  terminateChild,
  restartChild,
  deleteChild,
  whichChildren,
  countChildren,
  getChildspec,
  stop: stopSupervisor,
} as const;

function initialise(children: readonly ChildSpec[] | SupervisorInit): readonly ChildSpec[] | "ignore" {
  if (typeof children !== "function") return children;
  const answer: unknown = children();
  if (answer === "ignore" || Array.isArray(answer)) return answer as readonly ChildSpec[] | "ignore";
  throw new SupervisorError("bad_return", `init returned ${shown(answer)} instead of child specs or "ignore".`, {
    value: answer,
  });
}
