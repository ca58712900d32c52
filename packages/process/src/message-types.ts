import type { CallEvent, CastEvent, InfoEvent } from "./events.ts";
import type { LocalName, Via } from "./name.ts";

/** The actor that a target stands for. */
export type RefOf<T> = T extends LocalName<infer R> ? R : T extends Via<infer R> ? R : T;

/** The events that a target's actor takes. */
export type EventOf<T> = RefOf<T> extends { send(event: infer Event): void } ? Event : { readonly type: string };

/**
 * Whether a target's type says anything about what it takes: a plain string does not, nor an actor of any event.
 * `any` counts as wide too.
 */
type IsWide<T> = string extends T
  ? true
  : EventOf<T> extends { readonly type: infer Type }
    ? string extends Type
      ? true
      : false
    : true;

/** The requests that can be called on a target; `unknown` where its type does not say. */
export type RequestOf<T> = IsWide<T> extends false ? CallRequest<EventOf<T>> : unknown;

type CallRequest<Event> = Event extends CallEvent<infer Request, infer _Reply> ? Request : never;

/** The reply to a request; `unknown` where the target's type does not say. */
export type ReplyOf<T, Request> = IsWide<T> extends false ? CallReply<EventOf<T>, Request> : unknown;

type CallReply<Event, Request> =
  Event extends CallEvent<infer Known, infer Reply> ? (Request extends Known ? Reply : never) : never;

/** The requests that can be cast to a target; `unknown` where its type does not say. */
export type CastRequestOf<T> = IsWide<T> extends false ? CastRequest<EventOf<T>> : unknown;

type CastRequest<Event> = Event extends CastEvent<infer Request> ? Request : never;

/** The infos that a target takes; `unknown` where its type does not say. */
export type InfoOf<T> = IsWide<T> extends false ? Info<EventOf<T>> : unknown;

type Info<Event> = Event extends InfoEvent<infer Content> ? Content : never;
