import type { AnyActorScope } from "xstate";
import { type GuardedScope, isAlive, type ProcessRecord } from "./record.ts";

/**
 * XState's actor scope for one incarnation. Outside a step, effects go through while the process lives. Within a step
 * they are kept until the logic has returned, so that a throw leaves none behind (a child spawned by the failing
 * action, for one), and none starts after the process has ended.
 */
export function guardScope(scope: AnyActorScope, record: ProcessRecord): GuardedScope {
  // One array for all steps: most steps defer nothing.
  const held: Array<() => void> = [];
  let effects: Array<() => void> | undefined;
  const ifAlive = (effect: () => void) => () => {
    if (isAlive(record)) effect();
  };
  const guarded: AnyActorScope = {
    self: scope.self,
    id: scope.id,
    sessionId: scope.sessionId,
    logger: scope.logger,
    system: scope.system,
    stopChild: scope.stopChild,
    defer(effect) {
      if (effects === undefined) scope.defer(ifAlive(effect));
      else effects.push(effect);
    },
    emit(event) {
      if (isAlive(record)) scope.emit(event);
    },
    actionExecutor(action) {
      if (isAlive(record)) scope.actionExecutor(action);
    },
  };
  return {
    scope: guarded,
    begin() {
      effects = held;
    },
    commit() {
      const due = effects;
      effects = undefined;
      if (due === undefined || due.length === 0) return;
      for (const effect of due.splice(0)) scope.defer(ifAlive(effect));
    },
    discard() {
      if (effects !== undefined) effects.length = 0;
      effects = undefined;
    },
  };
}
