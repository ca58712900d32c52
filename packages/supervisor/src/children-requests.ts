import { type ReasonLike, stop, type Target, type Timeout } from "@trunkline/process";
import { ask, type RequestOptions } from "./ask.ts";
import type { ChildCounts, ChildInfo } from "./child-info.ts";

/**
 * All children, newest first: the reverse of the start order. Of a partition `id` is its number; the children of a
 * DynamicSupervisor come in no particular order, and their `id` is `undefined`.
 */
export async function whichChildren(supervisor: Target, options?: RequestOptions): Promise<readonly ChildInfo[]> {
  return (await ask(supervisor, { type: "whichChildren" }, options)) as readonly ChildInfo[];
}

/** How many children there are, how many run, and how many are of each type. */
export async function countChildren(supervisor: Target, options?: RequestOptions): Promise<ChildCounts> {
  return (await ask(supervisor, { type: "countChildren" }, options)) as ChildCounts;
}

/**
 * Stops a supervisor: its children, then itself. Children are stopped in reverse order; those of a DynamicSupervisor all at
 * once, each within its own time.
 * @param reason default `"normal"`
 * @param options.timeoutMs default `"infinity"`; when it has passed the stop goes on
 * @throws CallError, as a rejection: `noproc`, `timeout`, or `exited` when it ended with another reason.
 */
export function stopSupervisor(
  supervisor: Target,
  reason: ReasonLike = "normal",
  options: { readonly timeoutMs?: Timeout } = {},
): Promise<void> {
  return stop(supervisor, reason, options);
}
