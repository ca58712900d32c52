import { inspect } from "node:util";

declare const replyType: unique symbol;

interface Settle {
  readonly isOpen: () => boolean;
  readonly resolve: (value: unknown) => boolean;
  readonly reject: (error: unknown) => boolean;
}

// Kept apart from the handle: whatever prints, clones or inspects a handle finds nothing in it.
const settles = new WeakMap<object, Settle>();

/**
 * Who asked: the handle that `reply` answers. Anyone who holds it may answer, at any time; the first answer counts.
 * It prints and serialises as `[From]`.
 */
export class From<Reply = unknown> {
  declare readonly [replyType]: Reply;

  /** It holds the way back to the caller, which is nobody else's business. */
  toJSON(): string {
    return "[From]";
  }

  /** As {@link From.toJSON}. */
  [inspect.custom](): string {
    return "[From]";
  }
}

/** Makes a handle; `settle` says whether its answer was the first. */
export function makeFrom<Reply>(settle: Settle): From<Reply> {
  const from = new From<Reply>();
  settles.set(from, settle);
  return from;
}

/**
 * Answers a call. From anywhere, at any time; the first answer counts.
 * @returns whether the caller gets it: `false` when it was answered before, has timed out, was aborted, or lost its callee
 */
export function reply<Reply>(from: From<Reply>, value: NoInfer<Reply>): boolean {
  return settles.get(from)?.resolve(value) ?? false;
}

/**
 * Answers a call with an error: the caller's promise rejects with it.
 * @returns as `reply`
 */
export function replyError<Reply>(from: From<Reply>, error: unknown): boolean {
  return settles.get(from)?.reject(error) ?? false;
}

/** Whether the caller still waits: nobody has answered, and it has neither timed out nor given up. */
export function isPending(from: From<unknown>): boolean {
  return settles.get(from)?.isOpen() ?? false;
}
