import type { CallEvent, CastEvent, InfoEvent } from "./events.ts";
import type { LocalName, Via } from "./name.ts";

type IsAny<T> = 0 extends 1 & T ? true : false;

/** The actor that a target stands for. */
export type RefOf<T> = T extends LocalName<infer R> ? R : T extends Via<infer R> ? R : T;

/** The events that a target's actor takes. */
export type EventOf<T> = RefOf<T> extends { send(event: infer Event): void } ? Event : { readonly type: string };

/** The requests that can be called on a target; `unknown` where its type does not say. */
export type RequestOf<T> =
  IsAny<EventOf<T>> extends true
    ? unknown
    : T extends string
      ? PlainOr<T, CallRequest<EventOf<T>>>
      : CallRequest<EventOf<T>>;

// A plain string is a target that says nothing about its holder.
type PlainOr<T extends string, Typed> = string extends T ? unknown : Typed;

type CallRequest<Event> = Event extends CallEvent<infer Request, infer _Reply> ? Request : never;

/** The reply to a request. */
export type ReplyOf<T, Request> =
  IsAny<EventOf<T>> extends true
    ? unknown
    : T extends string
      ? PlainOr<T, CallReply<EventOf<T>, Request>>
      : CallReply<EventOf<T>, Request>;

type CallReply<Event, Request> =
  Event extends CallEvent<infer Known, infer Reply> ? (Request extends Known ? Reply : never) : never;

/** The requests that can be cast to a target. */
export type CastRequestOf<T> =
  IsAny<EventOf<T>> extends true
    ? unknown
    : string extends T
      ? unknown
      : EventOf<T> extends infer Event
        ? Event extends CastEvent<infer Request>
          ? Request
          : never
        : never;

/** The infos that a target takes. */
export type InfoOf<T> =
  IsAny<EventOf<T>> extends true
    ? unknown
    : string extends T
      ? unknown
      : EventOf<T> extends infer Event
        ? Event extends InfoEvent<infer Info>
          ? Info
          : never
        : never;
