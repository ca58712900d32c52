import type { ActorOptions, AnyActorLogic, AnyActorRef, InputFrom, InspectionEvent, Observer, Snapshot } from "xstate";
import { watch } from "./adopt.ts";
import { publishStart } from "./channels.ts";
import type { Timeout } from "./child-spec.ts";
import { killed, noproc, normal } from "./exit-reason.ts";
import { finish } from "./finish.ts";
import { linkRecords } from "./link.ts";
import { holderOf, takeName } from "./local-name.ts";
import type { MailboxOptions } from "./mailbox.ts";
import { describeName, type Name } from "./name.ts";
import { NameError } from "./name-error.ts";
import { ProcessActor } from "./process-actor.ts";
import { exitReasonOf, isAlive, type ProcessRecord } from "./record.ts";
import { defaultRuntime, type Runtime } from "./runtime.ts";
import { exitedBeforeReady, StartError } from "./start-error.ts";
import { giveBirth, recordBirth, wrapLogic } from "./wrap-logic.ts";

/** XState's `inspect`: an observer or a function, which sees the whole tree of a root. */
export type Inspect = Observer<InspectionEvent> | ((event: InspectionEvent) => void);

/** How a process is started, beside what it runs. */
export interface StartOptions {
  /** The process becomes a child in this actor's tree. Default: a root, the start of a tree of its own. */
  readonly parent?: AnyActorRef;
  /** What inspection shows it as. Default: XState's session id. */
  readonly id?: string;
  /** A name that must be free; taken before any code of the process runs, freed when it ends. */
  readonly name?: Name;
  /** XState's own system-wide id; must be free in the tree. */
  readonly systemId?: string;
  /** Default 5000 ms; `"infinity"` waits for ever. */
  readonly startTimeoutMs?: Timeout;
  /** Gives up the start when aborted: what was started is killed. */
  readonly signal?: AbortSignal;
  /** Roots only; a child is seen by its root's. */
  readonly inspect?: Inspect;
  /** Roots only; a child inherits its parent's. Default: real time, `Math.random`, the console from `warn` on. */
  readonly runtime?: Runtime;
  /** Default: no capacity, so nothing is refused. */
  readonly mailbox?: MailboxOptions;
  /** Free text for crash reports. */
  readonly label?: string;
}

/** What to start, and where. */
export interface Spawn<L extends AnyActorLogic> {
  readonly logic: L;
  readonly input: InputFrom<L> | undefined;
  readonly snapshot: Snapshot<unknown> | undefined;
  readonly parent: ProcessRecord | undefined;
  readonly linked: boolean;
  readonly options: StartOptions;
}

/**
 * Makes an actor a process and starts it, all in this turn.
 * @throws StartError `already_started`, `bad_name`, `noproc`, or `exited` when it failed while starting
 */
export function spawnProcess<L extends AnyActorLogic>(spawn: Spawn<L>): ProcessRecord {
  const { parent, options } = spawn;
  const label = options.id ?? "The process";
  if (parent !== undefined && !isAlive(parent)) {
    throw new StartError("noproc", `${label} was not started.`, { reason: noproc });
  }
  refuseTaken(spawn, label);
  const record = create(spawn);
  record.label = options.label;
  watch(record);
  publishStart(record.ref, parent?.ref);
  if (parent !== undefined) {
    parent.children ??= new Set();
    parent.children.add(record);
    if (spawn.linked) linkRecords(parent, record);
  }
  name(record, options, label);
  (record.ref as ProcessActor<L>).start();
  const reason = exitReasonOf(record);
  // Done at once is a start like any other, and an exit after it.
  if (reason !== undefined && reason.type !== "normal") throw exitedBeforeReady(label, reason);
  return record;
}

function create<L extends AnyActorLogic>(spawn: Spawn<L>): ProcessRecord {
  const { parent, options, logic } = spawn;
  const runtime = parent?.runtime ?? options.runtime ?? defaultRuntime;
  const actorOptions = {
    ...(parent === undefined ? { clock: runtime.clock, logger: actorLogger(runtime) } : { parent: parent.ref }),
    ...(parent === undefined && options.inspect !== undefined ? { inspect: harmless(options.inspect) } : {}),
    ...(options.id === undefined ? {} : { id: options.id }),
    ...(options.systemId === undefined ? {} : { systemId: options.systemId }),
    ...(spawn.snapshot === undefined ? {} : { snapshot: spawn.snapshot }),
    input: spawn.input,
    src: logic,
  } as ActorOptions<L>;
  return giveBirth({ parent, runtime, mailbox: options.mailbox }, () => {
    const actor = new ProcessActor(wrapLogic(logic), actorOptions);
    const record = recordBirth({ self: actor });
    if (record === undefined) throw new Error("Unreachable: the actor was born without a record");
    return record;
  });
}

// XState lets an inspector that throws turn the inspected actor to `error`, or stop its mailbox for good.
function harmless(inspect: Inspect): (event: InspectionEvent) => void {
  return (event) => {
    try {
      if (typeof inspect === "function") inspect(event);
      else inspect.next?.(event);
    } catch {
      // Who watches must not harm who is watched.
    }
  };
}

const actorLogger =
  (runtime: Runtime) =>
  (...args: unknown[]): void =>
    runtime.logger.info({ args }, "An actor logged");

function refuseTaken<L extends AnyActorLogic>(spawn: Spawn<L>, label: string): void {
  const { name, systemId } = spawn.options;
  const ref =
    (name === undefined ? undefined : nameHolder(name, label)) ??
    (systemId === undefined ? undefined : (spawn.parent?.ref.system.get(systemId) as AnyActorRef | undefined));
  if (ref !== undefined) throw alreadyStarted(label, name, systemId, ref);
}

function nameHolder(name: Name, label: string): AnyActorRef | undefined {
  try {
    return holderOf(name);
  } catch (cause) {
    throw badName(label, cause);
  }
}

function name(record: ProcessRecord, options: StartOptions, label: string): void {
  if (options.name === undefined || !isAlive(record)) return;
  try {
    const ref = takeName(options.name, record.ref);
    if (ref !== undefined) throw alreadyStarted(label, options.name, undefined, ref);
  } catch (cause) {
    record.links = undefined;
    finish(record, killed, "kernel");
    throw cause instanceof NameError ? badName(label, cause) : cause;
  }
}

function alreadyStarted(
  label: string,
  name: Name | undefined,
  systemId: string | undefined,
  ref: AnyActorRef,
): StartError {
  const taken = name === undefined ? `system id ${systemId}` : `name ${describeName(name)}`;
  return new StartError("already_started", `${label} was not started: the ${taken} is taken.`, { reason: normal, ref });
}

function badName(label: string, cause: unknown): StartError {
  const why = cause instanceof Error ? ` ${cause.message}` : "";
  return new StartError("bad_name", `${label} was not started.${why}`, {
    reason: { type: "error", error: cause },
    cause,
  });
}
