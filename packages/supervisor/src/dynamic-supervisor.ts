import { type ChildSpec, runtimeOf, type StartData, type Target } from "@trunkline/process";
import type { ActorRefFrom, ActorRefFromLogic, AnyActorLogic, AnyActorRef } from "xstate";
import { ask, type RequestOptions } from "./ask.ts";
import { countChildren, stopSupervisor, whichChildren } from "./children-requests.ts";
import type { DynamicChildSpec } from "./dynamic-child-spec.ts";
import { type DynamicSupervisorFlags, dynamicFlagNames, flagsOf, parseDynamicFlags } from "./dynamic-flags.ts";
import { type DynamicRequest, dynamicLogic } from "./dynamic-logic.ts";
import { refuseUnknownOptions } from "./flags.ts";
import { attachRoot, checkRootOptions, type RootOptions, rootOptions, rootRuntime } from "./root.ts";
import {
  type ChildSpecOverrides,
  type Place,
  placeOptions,
  startSupervisor,
  supervisorChildSpec,
} from "./start-supervisor.ts";
import type { SupervisorLogic } from "./supervising-logic.ts";

/** Everything `DynamicSupervisor.startLink` takes. */
export interface DynamicSupervisorOptions extends DynamicSupervisorFlags, Place, RootOptions {}

/** A running dynamic supervisor. */
export type DynamicSupervisorRef = ActorRefFromLogic<SupervisorLogic<DynamicSupervisorFlags>>;

const logic = dynamicLogic("DynamicSupervisor");

/**
 * Starts a supervisor without children; they are added with `startChild`.
 * @throws SupervisorError, as a rejection: malformed flags; `already_started` with `ref` when the name is taken; `badarg`.
 * @see https://hexdocs.pm/elixir/DynamicSupervisor.html
 */
function startLink(options: DynamicSupervisorOptions = {}): Promise<DynamicSupervisorRef> {
  return startDynamic(logic, options);
}
/** A dynamic supervisor as a child of a supervisor. `id` defaults to the name, else to `"Supervisor"`. */
function childSpec(
  options: DynamicSupervisorFlags & Pick<Place, "name"> = {},
  overrides: ChildSpecOverrides = {},
): ChildSpec {
  return dynamicChildSpec(logic, options, overrides);
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
  return (await ask<DynamicRequest>(supervisor, { type: "startChild", spec }, options)) as ActorRefFrom<L> | undefined;
}

/**
 * Stops a child and forgets it. Of one that waits for its next attempt to restart, its last ref is known.
 * @throws SupervisorError, as a rejection: `not_found`.
 */
async function terminateChild(supervisor: Target, ref: AnyActorRef, options?: RequestOptions): Promise<void> {
  await ask<DynamicRequest>(supervisor, { type: "terminateChild", ref }, options);
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

/** As `DynamicSupervisor.startLink`, for a kind of its own. */
export async function startDynamic(
  kind: SupervisorLogic<DynamicSupervisorFlags>,
  options: DynamicSupervisorOptions,
): Promise<DynamicSupervisorRef> {
  refuseUnknownOptions(options, [...dynamicFlagNames, ...placeOptions, ...rootOptions]);
  checkRootOptions(options);
  parseDynamicFlags(options);
  const runtime = rootRuntime(options);
  const supervisor = await startSupervisor(kind, flagsOf(options), {
    ...options,
    ...(runtime === undefined ? {} : { runtime }),
  });
  if (options.parent === undefined) attachRoot(supervisor, runtimeOf(supervisor), options);
  return supervisor;
}

/** As `DynamicSupervisor.childSpec`, for a kind of its own. */
export function dynamicChildSpec(
  kind: SupervisorLogic<DynamicSupervisorFlags>,
  options: DynamicSupervisorFlags & Pick<Place, "name">,
  overrides: ChildSpecOverrides,
): ChildSpec {
  refuseUnknownOptions(options, [...dynamicFlagNames, "name"]);
  return supervisorChildSpec(kind, flagsOf(options), options.name, overrides);
}
