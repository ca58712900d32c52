import { unreachable } from "@trunkline/process";
import type { Child, ChildTable } from "./child.ts";
import type { Strategy } from "./flags.ts";

/**
 * The children that are stopped and started along with `child`, itself included, in start order.
 * @see https://www.erlang.org/doc/system/sup_princ.html#restart-strategy
 */
export function restartGroup(strategy: Strategy, children: ChildTable, child: Child): readonly Child[] {
  switch (strategy) {
    case "one_for_one":
      return [child];
    case "one_for_all":
      return children.all();
    case "rest_for_one":
      return children.from(child);
    default:
      return unreachable(strategy);
  }
}
