import { type ChildSpec, runtimeOf, type Target, type Via, whereis } from "@trunkline/process";
import type { ActorRefFromLogic, AnyActorRef } from "xstate";
import { ask, type RequestOptions } from "./ask.ts";
import { countChildren, stopSupervisor, whichChildren } from "./children-requests.ts";
import { SupervisorError, shown } from "./error.ts";
import { refuseUnknownOptions } from "./flags.ts";
import { type PartitionFlags, parsePartitionFlags, partitionFlagNames } from "./partition-flags.ts";
import { partitionOf } from "./partition-key.ts";
import { requestsOf } from "./request.ts";
import { respond } from "./respond.ts";
import { attachRoot, checkRootOptions, type RootOptions, rootOptions, rootRuntime } from "./root.ts";
import { serve } from "./serve.ts";
import {
  type ChildSpecOverrides,
  type Place,
  placeOptions,
  startSupervisor,
  supervisorChildSpec,
} from "./start-supervisor.ts";
import { type SupervisorLogic, supervisingLogic } from "./supervising-logic.ts";
import { Supervision } from "./supervision.ts";

/** Everything `PartitionSupervisor.startLink` takes. */
export interface PartitionSupervisorOptions extends PartitionFlags, Omit<Place, "name">, RootOptions {}

type PartitionRequest =
  | { readonly type: "whichChildren" }
  | { readonly type: "countChildren" }
  | { readonly type: "resize"; readonly partitions: number };

const isPartitionRequest = requestsOf<PartitionRequest>("whichChildren", "countChildren", "resize");

/** How many partitions a supervisor has now, and who runs them: looked up on each use. */
interface Routes {
  size: number;
  of(partition: number): AnyActorRef | undefined;
}

const routesOf = new WeakMap<AnyActorRef, Routes>();

const logic: SupervisorLogic<PartitionFlags> = supervisingLogic<PartitionFlags, PartitionRequest>((home, options) => {
  const { flags, specs } = parsePartitionFlags(options);
  const supervision = new Supervision(home, flags);
  const routes: Routes = {
    size: specs.length,
    of(partition) {
      const state = supervision.children.get(partition)?.state;
      return state?.status === "running" ? state.ref : undefined;
    },
  };
  routesOf.set(home.self, routes);
  return {
    begin: () => supervision.begin(specs),
    exited: (ref, reason) => supervision.exited(ref, reason),
    serves: isPartitionRequest,
    answer: (request, from) =>
      respond(from, () =>
        request.type === "resize"
          ? resizeTo(supervision, routes, specs.length, request.partitions)
          : serve(supervision, request),
      ),
    end: (reason) => supervision.end(reason),
    running: () => supervision.running(),
    metadata: () => supervision.metadata("PartitionSupervisor"),
    forget: () => supervision.forget(),
  };
});

/** Partitions that go are stopped, last first; those that come back start in order. Keys are routed anew at once. */
async function resizeTo(supervision: Supervision, routes: Routes, most: number, partitions: number): Promise<number> {
  if (!Number.isSafeInteger(partitions) || partitions < 0 || partitions > most) {
    throw new SupervisorError("invalid_partitions", `partitions: ${shown(partitions)} of ${most}.`, {
      value: partitions,
    });
  }
  const before = routes.size;
  if (partitions < before) routes.size = partitions;
  for (let partition = before - 1; partition >= partitions; partition -= 1) {
    await serve(supervision, { type: "terminateChild", id: partition });
  }
  for (let partition = before; partition < partitions; partition += 1) {
    await serve(supervision, { type: "restartChild", id: partition });
    routes.size = partition + 1;
  }
  return before;
}

/** A running partition supervisor. */
export type PartitionSupervisorRef = ActorRefFromLogic<SupervisorLogic<PartitionFlags>>;

/**
 * Starts one child for each partition, with the ids 0, 1, … under an ordinary supervisor.
 * @throws SupervisorError, as a rejection: as `Supervisor.startLink`; `invalid_partitions`; `badarg` without name or childSpec.
 * @see https://hexdocs.pm/elixir/PartitionSupervisor.html
 */
async function startLink(options: PartitionSupervisorOptions): Promise<PartitionSupervisorRef> {
  refuseUnknownOptions(options, [...partitionFlagNames, ...placeOptions, ...rootOptions]);
  checkRootOptions(options);
  parsePartitionFlags(options);
  const runtime = rootRuntime(options);
  const supervisor = await startSupervisor(logic, options, {
    ...options,
    ...(runtime === undefined ? {} : { runtime }),
  });
  if (options.parent === undefined) attachRoot(supervisor, runtimeOf(supervisor), options);
  return supervisor;
}

/** A partition supervisor as a child of a supervisor. `id` defaults to the name, else to `"Supervisor"`. */
function childSpec(options: PartitionFlags, overrides: ChildSpecOverrides = {}): ChildSpec {
  refuseUnknownOptions(options, partitionFlagNames);
  return supervisorChildSpec(logic, options, options.name, overrides);
}

/**
 * The address of the partition that `key` belongs to. It is looked up on each use, so a restarted partition is found again. It
 * routes only: nothing can be registered under it. Using it throws SupervisorError `noproc` while there are 0 partitions.
 */
function via<R extends AnyActorRef = AnyActorRef>(supervisor: Target, key: unknown): Via<R> {
  return {
    type: "via",
    label: `the partition of ${shown(key)}`,
    whereis() {
      const routes = routesFor(supervisor);
      if (routes === undefined) return undefined;
      if (routes.size === 0)
        throw new SupervisorError("noproc", `There is no partition for ${shown(key)}.`, { value: key });
      return routes.of(partitionOf(key, routes.size)) as R | undefined;
    },
    register() {
      throw new SupervisorError("badarg", "A partition cannot be used to register a name.", { value: key });
    },
  };
}

/** How many partitions there are now; 0 when the supervisor is not running. */
function partitions(supervisor: Target): number {
  return routesFor(supervisor)?.size ?? 0;
}

/**
 * Changes the number of partitions, between 0 and the initial one.
 * @returns how many there were
 * @throws SupervisorError, as a rejection: `invalid_partitions`, `failed_to_start_child`.
 */
async function resize(supervisor: Target, count: number, options?: RequestOptions): Promise<number> {
  return (await ask<PartitionRequest>(supervisor, { type: "resize", partitions: count }, options)) as number;
}

/** Many copies of one child, each serving the keys that are routed to it. */
export const PartitionSupervisor = {
  startLink,
  childSpec,
  via,
  partitions,
  resize,
  whichChildren,
  countChildren,
  stop: stopSupervisor,
} as const;

function routesFor(supervisor: Target): Routes | undefined {
  const ref = whereis(supervisor);
  return ref === undefined ? undefined : routesOf.get(ref);
}
