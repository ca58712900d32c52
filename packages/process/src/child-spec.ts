import type { AnyActorLogic } from "xstate";
import type { Name } from "./name.ts";
import type { Start } from "./start-spec.ts";

/** When a supervisor starts an ended child again: always, after an abnormal exit only, or never. */
export type Restart = "permanent" | "transient" | "temporary";

/** How a supervisor stops a child: milliseconds between request and kill, no limit, or a kill at once. */
export type Shutdown = number | "infinity" | "brutal_kill";

/** Milliseconds, or `"infinity"`: wait without limit. */
export type Timeout = number | "infinity";

/** Whether the child supervises others: it decides the default of `shutdown`. */
export type ChildType = "worker" | "supervisor";

/**
 * How a supervisor starts, restarts and stops a child: plain data.
 * @see https://www.erlang.org/doc/system/sup_princ.html#child-specification
 */
export interface ChildSpec<L extends AnyActorLogic = AnyActorLogic> {
  /** Names the child within its supervisor; any value, compared as a `Map` key is. */
  readonly id: unknown;
  readonly start: Start<L>;
  /** Default `"permanent"`. */
  readonly restart?: Restart;
  /** Default `"worker"`. */
  readonly type?: ChildType;
  /** Default 5000 ms for a worker, `"infinity"` for a supervisor. */
  readonly shutdown?: Shutdown;
  /** Whether its own end can shut its supervisor down; see `autoShutdown`. Default `false`. */
  readonly significant?: boolean;
  /** How long a start may take until the child is killed and the start fails. Default 5000 ms. */
  readonly startTimeoutMs?: Timeout;
  /** A name for each incarnation. Default: none. */
  readonly name?: Name;
  /** What implements the child, for release tools. Default: the logic or the start function. */
  readonly modules?: readonly unknown[];
}

/** A child spec with every default filled in. */
export interface ResolvedChildSpec<L extends AnyActorLogic = AnyActorLogic> {
  readonly id: unknown;
  readonly start: Start<L>;
  readonly restart: Restart;
  readonly type: ChildType;
  readonly shutdown: Shutdown;
  readonly significant: boolean;
  readonly startTimeoutMs: Timeout;
  readonly name: Name | undefined;
  readonly modules: readonly unknown[];
}

/** How long a start may take unless its spec says otherwise. */
export const defaultStartTimeoutMs = 5000;

/** Fills in OTP's defaults. Unknown keys are left out; nothing is validated here. */
export function resolveChildSpec<L extends AnyActorLogic>(spec: ChildSpec<L>): ResolvedChildSpec<L> {
  const type = spec.type ?? "worker";
  return {
    id: spec.id,
    start: spec.start,
    restart: spec.restart ?? "permanent",
    type,
    shutdown: spec.shutdown ?? (type === "supervisor" ? "infinity" : 5000),
    significant: spec.significant ?? false,
    startTimeoutMs: spec.startTimeoutMs ?? defaultStartTimeoutMs,
    name: spec.name,
    modules: spec.modules ?? [typeof spec.start === "function" ? spec.start : spec.start.logic],
  };
}

/** Returns the spec as it is: the call checks `input` and `ready` against the logic's own types. */
export function childSpec<L extends AnyActorLogic>(spec: ChildSpec<L>): ChildSpec<L> {
  return spec;
}
