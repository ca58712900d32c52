import {
  type ChildSpec,
  type ExitReason,
  type Inspect,
  type Name,
  type Runtime,
  StartError,
  startLink,
} from "@trunkline/process";
import type { ActorRefFromLogic, AnyActorRef } from "xstate";
import { SupervisorError } from "./error.ts";
import type { SupervisorLogic, SupervisorSnapshot } from "./supervising-logic.ts";

/** Where a supervisor is started: as the root of a tree of its own, or in another's. */
export interface Place {
  /** A name that must be free. Default: none. */
  readonly name?: Name;
  /** The process to start it under and link it to. Default: none, it is a root. */
  readonly parent?: AnyActorRef;
  /** XState's `inspect`, which sees the whole tree. Roots only. */
  readonly inspect?: Inspect;
  /** Clock, randomness and logger of the tree. Roots only. Default: the machine's own, errors to the console. */
  readonly runtime?: Runtime;
}

export const placeOptions = ["name", "parent", "inspect", "runtime"] as const;

/** What a child spec made from a supervisor can change; everything but its start. */
export type ChildSpecOverrides = Partial<Omit<ChildSpec, "start" | "name">>;

/** A supervisor is ready when all its children have acknowledged. */
export const isReady = (snapshot: SupervisorSnapshot): boolean => snapshot.value === "running";

/**
 * Starts a supervisor and resolves when all its children have started. No limit of its own: each child has one.
 * @throws SupervisorError, as a rejection: see `Supervisor.startLink`.
 */
export async function startSupervisor<Input>(
  logic: SupervisorLogic<Input>,
  input: Input,
  place: Place & { readonly signal?: AbortSignal },
): Promise<ActorRefFromLogic<SupervisorLogic<Input>>> {
  const { name, parent, inspect, runtime, signal } = place;
  try {
    return await startLink(
      { logic, input, ready: isReady },
      {
        startTimeoutMs: "infinity",
        ...(name === undefined ? {} : { name }),
        ...(typeof name === "string" ? { id: name } : {}),
        ...(parent === undefined ? {} : { parent }),
        ...(inspect === undefined ? {} : { inspect }),
        ...(runtime === undefined ? {} : { runtime }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
  } catch (error) {
    throw refusalOf(error);
  }
}

/** A supervisor as a child: it has all the time its own children need, to start and to stop. */
export function supervisorChildSpec<Input>(
  logic: SupervisorLogic<Input>,
  input: Input,
  name: Name | undefined,
  overrides: ChildSpecOverrides,
): ChildSpec {
  return {
    ...supervisorChild(name, overrides),
    start: { logic, input, ready: isReady },
    ...(name === undefined ? {} : { name }),
  };
}

/** What a child spec of a supervisor says besides its start. */
export const supervisorChild = (name: Name | undefined, overrides: ChildSpecOverrides) => ({
  id: typeof name === "string" ? name : "Supervisor",
  type: "supervisor" as const,
  startTimeoutMs: "infinity" as const,
  ...overrides,
});

/** The kernel's error in the words of a supervisor. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof StartError)) return error;
  if (error.code === "already_started") {
    return new SupervisorError("already_started", "The supervisor was not started: its name is taken.", {
      cause: error,
      ...(error.ref === undefined ? {} : { ref: error.ref }),
    });
  }
  if (error.code === "invalid_option" || error.code === "bad_name") {
    return new SupervisorError("badarg", error.message, { where: "supervisor_data", cause: error });
  }
  return ownRefusal(error.reason) ?? error;
}

function ownRefusal(reason: ExitReason): SupervisorError | undefined {
  switch (reason.type) {
    case "shutdown":
      return reason.info instanceof SupervisorError ? reason.info : undefined;
    case "error":
      return reason.error instanceof SupervisorError ? reason.error : undefined;
    default:
      return undefined;
  }
}
