import type { ProcessMetadata, SupervisedChild } from "@trunkline/process";
import type { Child } from "./child.ts";
import { shown } from "./error.ts";
import { counting, type RestartBudget } from "./restart-budget.ts";

/** Of more children than these only the first are told of. */
export const mostChildrenTold = 1000;

/** What a supervisor knows of itself at the moment somebody looks. */
export interface SupervisorFacts {
  /** `"supervisor"`, `"DynamicSupervisor"`, … */
  readonly kind: string;
  readonly strategy: string;
  readonly budget: RestartBudget;
  /** Milliseconds of the tree's clock. */
  readonly nowMs: number;
  /** `undefined`: no limit. */
  readonly maxChildren: number | undefined;
  /** In start order; read only as far as it is told of. */
  readonly children: Iterable<Child>;
  readonly childCount: number;
}

/** What a supervisor tells of itself. */
export function supervisorMetadata(facts: SupervisorFacts): ProcessMetadata {
  const { kind, strategy, budget, nowMs, maxChildren, childCount } = facts;
  const { maxRestarts, maxSeconds } = budget;
  const children: SupervisedChild[] = [];
  for (const child of facts.children) {
    if (children.length === mostChildrenTold) break;
    children.push(supervisedChild(child));
  }
  const restartedAtMs = counting(budget, nowMs);
  return {
    kind,
    supervisor: { strategy, maxRestarts, maxSeconds, restartedAtMs, maxChildren, children, childCount },
  };
}

function supervisedChild({ spec, state, restarts, lastExit }: Child): SupervisedChild {
  const { id, type, restart, shutdown } = spec;
  return {
    id: typeof id === "string" ? id : shown(id),
    process: state.status === "running" ? state.ref : undefined,
    status: state.status,
    type,
    restart,
    shutdown,
    restarts,
    lastExit,
  };
}
