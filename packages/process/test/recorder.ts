import { type ActorRefFrom, fromTransition } from "xstate";
import { trapExit } from "../src/exit.ts";
import { silentLogger } from "../src/logger.ts";
import { makeRuntime } from "../src/runtime.ts";
import { SimulatedTime } from "../src/simulated-time.ts";
import type { StartOptions } from "../src/spawn.ts";
import { startLink } from "../src/start.ts";

/** Any event, with whatever it carries. */
export interface AnyEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A process that keeps what it receives, throws at `crash`, and runs what it is sent with `run`. */
export const recorderLogic = fromTransition(
  (events: readonly AnyEvent[], event: AnyEvent, { self }) => {
    if (event.type === "crash") throw event["error"];
    if (event.type === "run" && typeof event["run"] === "function") event["run"](self);
    return event.type.startsWith("xstate.") ? events : [...events, event];
  },
  [] as readonly AnyEvent[],
);

export type RecorderRef = ActorRefFrom<typeof recorderLogic>;

/** A runtime for tests: time that stands still, no output. */
export const quiet = makeRuntime({ clock: new SimulatedTime(), logger: silentLogger });

export async function startRecorder({
  trap = false,
  ...options
}: StartOptions & { readonly trap?: boolean } = {}): Promise<RecorderRef> {
  const ref = await startLink({ logic: recorderLogic }, { runtime: quiet, ...options });
  if (trap) trapExit(ref);
  return ref;
}

/** What a recorder has received, or only events of one type. */
export function received(ref: RecorderRef, type?: string): readonly AnyEvent[] {
  const { context } = ref.getSnapshot();
  return type === undefined ? context : context.filter((event) => event.type === type);
}

/** The types of what it has received, in order. */
export const typesReceived = (ref: RecorderRef): readonly string[] => received(ref).map((event) => event.type);
