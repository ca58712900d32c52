import type { AnyActorRef } from "xstate";

declare const holder: unique symbol;

/** A local name that knows what kind of actor holds it: `const app = localName<AppRef>("app")`. A plain string is one too. */
export type LocalName<R extends AnyActorRef = AnyActorRef> = string & { readonly [holder]: R };

/** Gives a local name the type of its holder, so that `call(name, …)` is typed. */
export function localName<R extends AnyActorRef>(name: string): LocalName<R> {
  return name as LocalName<R>;
}

/**
 * A name kept by somebody else, such as a `Registry` or a partition supervisor. It is looked up on each use, so a
 * restarted holder is found again.
 */
export interface Via<R extends AnyActorRef = AnyActorRef> {
  readonly type: "via";
  /** For logs and error messages. */
  readonly label: string;
  /** The live holder, if there is one. */
  whereis(): R | undefined;
  /**
   * Makes `self` the holder.
   * @returns the live holder that was in the way, or `undefined` when `self` holds the name now
   * @throws NameError when this kind of name cannot be registered
   */
  register(self: AnyActorRef): AnyActorRef | undefined;
}

/** A cluster-wide name. Refused: there is one Node process here, so take a local name or a `Registry`. */
export interface GlobalName {
  readonly type: "global";
  readonly name: unknown;
}

/** What a process can be started under. */
export type Name<R extends AnyActorRef = AnyActorRef> = string | LocalName<R> | Via<R> | GlobalName;

/** What messages, monitors and signals can be addressed to: an actor or a name of one. */
export type Target<R extends AnyActorRef = AnyActorRef> = R | LocalName<R> | Via<R> | string;

/** A name in words, for messages. */
export function describeName(name: Name): string {
  if (typeof name === "string") return `"${name}"`;
  return name.type === "via" ? name.label : `global ${String(name.name)}`;
}
