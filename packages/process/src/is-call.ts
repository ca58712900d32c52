type NamedCall<Event, Type extends string> = Event extends {
  readonly type: "call";
  readonly request: { readonly type: Type };
}
  ? Event
  : never;

/**
 * Whether an event is the call of that name (see `CallEvents`), narrowed so that `reply(event.from, …)` is typed: TypeScript
 * does not narrow `from` by `event.request.type`. Usable as an XState guard too.
 */
export function isCall<Event extends { readonly type: string }, Type extends string>(
  event: Event,
  type: Type,
): event is NamedCall<Event, Type> {
  return event.type === "call" && "request" in event && isNamed(event.request, type);
}

function isNamed(request: unknown, type: string): boolean {
  return typeof request === "object" && request !== null && "type" in request && request.type === type;
}
