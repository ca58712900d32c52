import { isProcess, shownMessage, shownState } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { seenSnapshot } from "../show/snapshot.ts";
import { plain } from "../show/text.ts";
import { definitionText } from "./definition.ts";

/** The version of `@statelyai/inspect` whose frames these are. */
const version = "0.7.2";

interface Base {
  readonly _version: string;
  /** Unix milliseconds, as text. */
  readonly createdAt: string;
  readonly id: null;
  readonly rootId: string;
  readonly sessionId: string;
}

/** A snapshot as the Stately Inspector reads it. */
export interface StatelySnapshot {
  readonly status: string;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly children?: unknown;
  readonly tags?: readonly string[];
  readonly output?: unknown;
  readonly error?: unknown;
}

/** What `@statelyai/inspect` 0.7.2 sends of an actor, an event and a snapshot. Big integers are text, so that none loses a digit. */
export type StatelyFrame =
  | (Base & {
      readonly type: "@xstate.actor";
      readonly name: string;
      /** The machine's config as JSON text. */
      readonly definition: string;
      readonly parentId?: string;
      readonly snapshot: StatelySnapshot;
    })
  | (Base & { readonly type: "@xstate.event"; readonly event: unknown; readonly sourceId?: string })
  | (Base & { readonly type: "@xstate.snapshot"; readonly event: unknown; readonly snapshot: StatelySnapshot });

/** Tells of an actor and where it stands now. */
export function actorFrame(actor: AnyActorRef, rootId: string, at: number): StatelyFrame {
  const parent = actor._parent;
  return {
    type: "@xstate.actor",
    name: actor.id,
    definition: definitionText(actor),
    ...(parent === undefined ? {} : { parentId: parent.sessionId }),
    snapshot: snapshotOf(actor, seenSnapshot(actor)),
    ...base(actor, rootId, at),
  };
}

/** Tells of an event on its way to an actor. */
export function eventFrame(
  actor: AnyActorRef,
  source: AnyActorRef | undefined,
  event: { readonly type: string },
  rootId: string,
  at: number,
): StatelyFrame {
  return {
    type: "@xstate.event",
    event: shownEvent(actor, event),
    ...(source === undefined ? {} : { sourceId: source.sessionId }),
    ...base(actor, rootId, at),
  };
}

/** Tells where an actor stands after an event. */
export function snapshotFrame(
  actor: AnyActorRef,
  event: { readonly type: string },
  snapshot: object,
  rootId: string,
  at: number,
): StatelyFrame {
  return {
    type: "@xstate.snapshot",
    event: shownEvent(actor, event),
    snapshot: snapshotOf(actor, snapshot),
    ...base(actor, rootId, at),
  };
}

const base = (actor: AnyActorRef, rootId: string, at: number): Base => ({
  _version: version,
  createdAt: String(Math.round(at)),
  id: null,
  rootId,
  sessionId: actor.sessionId,
});

function shownEvent(actor: AnyActorRef, event: { readonly type: string }): unknown {
  const shown = plain(isProcess(actor) ? shownMessage(actor, event) : event);
  return typeof shown === "object" && shown !== null ? shown : { type: event.type };
}

function snapshotOf(actor: AnyActorRef, snapshot: object): StatelySnapshot {
  const { status, value, tags, output, error, children } = snapshot as Readonly<Record<string, unknown>>;
  const context = contextOf(actor, snapshot);
  return {
    status: typeof status === "string" ? status : "active",
    ...(value === undefined ? {} : { value: plain(value) }),
    ...(context === undefined ? {} : { context }),
    ...(typeof children === "object" && children !== null ? { children: childIds(children) } : {}),
    ...(tags instanceof Set ? { tags: [...tags].map(String) } : {}),
    ...(output === undefined ? {} : { output: plain(output) }),
    ...(error === undefined ? {} : { error: plain(error) }),
  };
}

// A process shows what it wants to be shown; one that has ended, nothing any more.
function contextOf(actor: AnyActorRef, snapshot: object): unknown {
  if (!("context" in snapshot)) return undefined;
  if (!isProcess(actor)) return plain(snapshot.context);
  try {
    return plain(shownState(actor));
  } catch {
    return undefined;
  }
}

// As XState writes an actor in JSON.
function childIds(children: object): unknown {
  return Object.fromEntries(Object.keys(children).map((id) => [id, { xstate$$type: 1, id }]));
}
