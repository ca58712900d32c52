import type { AnyActorLogic, AnyActorScope, Snapshot } from "xstate";
import { guardScope } from "./guarded-scope.ts";
import { Mailbox, type MailboxOptions, type Message } from "./mailbox.ts";
import { deliver } from "./process-actor.ts";
import { freshRecord, isAlive, keepRecord, type ProcessRecord, recordOf } from "./record.ts";
import type { Runtime } from "./runtime.ts";

/** What the record of the next actor is made from. */
export interface Birth {
  readonly parent: ProcessRecord | undefined;
  readonly runtime: Runtime;
  readonly mailbox: MailboxOptions | undefined;
}

let expected: Birth | undefined;

/** Runs `create`, in which an actor of a wrapped logic is made: its record exists before any of its code runs. */
export function giveBirth<A>(birth: Birth, create: () => A): A {
  expected = birth;
  try {
    return create();
  } finally {
    expected = undefined;
  }
}

/** Makes the record of a newborn actor, unless there is one. */
export function recordBirth(scope: Pick<AnyActorScope, "self">): ProcessRecord | undefined {
  const known = recordOf(scope.self);
  if (known !== undefined || expected === undefined) return known;
  const birth = expected;
  expected = undefined; // its own code may give birth to others
  const record = freshRecord(scope.self, birth.parent, birth.runtime, true, new Mailbox(birth.mailbox));
  keepRecord(record);
  return record;
}

/** The kernel's own events, by which it acts on an actor's snapshot. */
export type ControlEvent =
  | { readonly type: "otp.sys.replace"; readonly change: (snapshot: Snapshot<unknown>) => Snapshot<unknown> }
  | { readonly type: "otp.sys.resume" };

const wrappers = new WeakMap<AnyActorLogic, AnyActorLogic>();

/**
 * The same logic with the kernel around each step: nothing runs for a dead incarnation, a throw becomes an `error`
 * snapshot (so that inspection shows it) and leaves no child or disposer behind, and messages are counted. One wrapper
 * per logic; `config` and all else show through.
 */
export function wrapLogic<L extends AnyActorLogic>(logic: L): L {
  const known = wrappers.get(logic);
  if (known !== undefined) return known as L;
  const wrapped = makeWrapper(logic);
  wrappers.set(logic, wrapped);
  return wrapped;
}

function makeWrapper<L extends AnyActorLogic>(logic: L): L {
  const overrides: Partial<AnyActorLogic> = {
    getInitialSnapshot(scope: AnyActorScope, input: unknown) {
      return atBirth(scope, (guarded) => logic.getInitialSnapshot(guarded, input));
    },
    transition(snapshot: Snapshot<unknown>, event: Message, scope: AnyActorScope) {
      const record = recordOf(scope.self);
      return record === undefined
        ? logic.transition(snapshot, event, scope)
        : step(logic, record, snapshot, event, scope);
    },
  };
  const restore = logic.restoreSnapshot?.bind(logic);
  if (restore !== undefined) {
    overrides.restoreSnapshot = (persisted, scope) => atBirth(scope, (guarded) => restore(persisted, guarded));
  }
  const start = logic.start?.bind(logic);
  if (start !== undefined) {
    overrides.start = (snapshot, scope) => {
      const record = recordOf(scope.self);
      if (record === undefined) start(snapshot, scope);
      else if (isAlive(record)) withEffects(record, scope, (guarded) => start(snapshot, guarded));
    };
  }
  return Object.assign(Object.create(logic) as L, overrides);
}

function atBirth<T>(scope: AnyActorScope, run: (scope: AnyActorScope) => T): T {
  const record = recordBirth(scope);
  return record === undefined ? run(scope) : withEffects(record, scope, run);
}

function withEffects<T>(record: ProcessRecord, scope: AnyActorScope, run: (scope: AnyActorScope) => T): T {
  record.guard ??= guardScope(scope, record);
  const { guard } = record;
  guard.begin();
  try {
    const result = run(guard.scope);
    guard.commit();
    return result;
  } catch (error) {
    guard.discard();
    throw error;
  }
}

function step(
  logic: AnyActorLogic,
  record: ProcessRecord,
  snapshot: Snapshot<unknown>,
  event: Message,
  scope: AnyActorScope,
): Snapshot<unknown> {
  if (event.type === "xstate.stop") return stopStep(logic, snapshot, event, scope);
  record.mailbox.taken(event);
  if (!isAlive(record) || isEndOfChild(record, event)) return snapshot;
  if (isControl(event)) return control(record, snapshot, event);
  if (record.mailbox.suspended && event.type !== "otp.stop") {
    record.mailbox.hold(event);
    return snapshot;
  }
  record.debugging?.observe(event);
  record.lastMessage = event;
  record.guard ??= guardScope(scope, record);
  const { guard } = record;
  let next: Snapshot<unknown>;
  guard.begin();
  try {
    next = checked(logic.transition(snapshot, event, guard.scope));
  } catch (error) {
    next = { ...snapshot, status: "error", output: undefined, error };
    guard.discard();
  }
  if (!isAlive(record)) {
    guard.discard();
    return snapshot;
  }
  guard.commit();
  if (next.status === "error") {
    // The step failed without the stop that disposes of callbacks, subscriptions and children: do it now.
    stopStep(logic, snapshot, { type: "xstate.stop" }, scope);
  } else record.lastMessage = undefined;
  return next;
}

function checked(next: unknown): Snapshot<unknown> {
  if (typeof next === "object" && next !== null && "status" in next) return next as Snapshot<unknown>;
  throw new TypeError(
    `bad_return_value: a transition returns a snapshot, which has a status; it returned ${String(next)}.`,
  );
}

// A failing disposer, or a reducer that does not know the event, must not turn a stop into an error.
function stopStep(
  logic: AnyActorLogic,
  snapshot: Snapshot<unknown>,
  event: Message,
  scope: AnyActorScope,
): Snapshot<unknown> {
  try {
    const next: Snapshot<unknown> = logic.transition(snapshot, event, scope);
    if (next.status === "stopped") return next;
  } catch {
    // Falls through: the actor is stopped all the same.
  }
  return { ...snapshot, status: "stopped", output: undefined, error: undefined };
}

// XState tells a parent of an ended child once more; for children started by the kernel, links and monitors do.
function isEndOfChild(record: ProcessRecord, event: Message): boolean {
  if (record.endedChildren === undefined || !event.type.startsWith("xstate.")) return false;
  const id = "actorId" in event ? event.actorId : undefined;
  if (typeof id !== "string") return false;
  const count = record.endedChildren.get(id);
  if (count === undefined) return false;
  if (count === 1) record.endedChildren.delete(id);
  else record.endedChildren.set(id, count - 1);
  return true;
}

function isControl(event: Message): event is ControlEvent {
  return event.type === "otp.sys.replace" || event.type === "otp.sys.resume";
}

function control(record: ProcessRecord, snapshot: Snapshot<unknown>, event: ControlEvent): Snapshot<unknown> {
  switch (event.type) {
    case "otp.sys.replace":
      return event.change(snapshot);
    case "otp.sys.resume":
      // From within a step: XState queues them in this order, ahead of what handling them will send.
      for (const message of record.mailbox.resume()) {
        record.mailbox.sent(message);
        deliver(record, message);
      }
      return snapshot;
  }
}
