import { inspect } from "node:util";
import { expect, expectTypeOf, test, vi } from "vitest";
import { type ActorRefFrom, fromTransition } from "xstate";
import { quiet, received, recorderLogic, startRecorder, typesReceived } from "../test/recorder.ts";
import { call } from "./call.ts";
import { CallError } from "./call-error.ts";
import type { CallEvent, CallEvents, CastEvent, InfoEvent } from "./events.ts";
import { kill } from "./exit.ts";
import { crashed, killed, noproc } from "./exit-reason.ts";
import { type From, isPending, reply, replyError } from "./from.ts";
import { isCall } from "./is-call.ts";
import { silentLogger } from "./logger.ts";
import { localName } from "./name.ts";
import { recordOf } from "./record.ts";
import { makeRuntime } from "./runtime.ts";
import { cast, info, send } from "./send.ts";
import { SimulatedTime, settle } from "./simulated-time.ts";
import { startLink } from "./start.ts";
import { stop } from "./stop.ts";

interface Calls {
  readonly total: { readonly reply: number };
  readonly add: { readonly args: { readonly by: number }; readonly reply: string };
}
type CounterEvent = CallEvents<Calls> | CastEvent<number> | InfoEvent<"tick"> | { readonly type: "boom" };

const counter = fromTransition((total: number, event: CounterEvent) => {
  switch (event.type) {
    case "call":
      if (isCall(event, "add")) {
        const next = total + event.request.by;
        reply(event.from, `now ${next}`);
        return next;
      }
      if (isCall(event, "total")) reply(event.from, total);
      // @ts-expect-error the reply to this request is a number
      if (isCall(event, "total")) reply(event.from, "total");
      return total;
    case "cast":
      return total + event.request;
    case "info":
      return total + 100;
    case "boom":
      throw new Error("boom");
    default:
      return total;
  }
}, 0);

const startCounter = () => startLink({ logic: counter }, { runtime: quiet });

test("S139: a call resolves with the reply, typed from the callee's events", async () => {
  const ref = await startCounter();
  cast(ref, 3);
  info(ref, "tick");
  const total = await call(ref, { type: "total" });
  expectTypeOf(total).toEqualTypeOf<number>();
  expect(total).toBe(103);
  const said = await call(ref, { type: "add", by: 2 });
  expectTypeOf(said).toEqualTypeOf<string>();
  expect(said).toBe("now 105");
  // @ts-expect-error an unknown request does not compile
  void call(ref, { type: "subtract" }).catch(() => {});
  expectTypeOf(
    call(localName<ActorRefFrom<typeof counter>>("call.test nobody"), { type: "total" }).catch(() => 0),
  ).toEqualTypeOf<Promise<number>>();
});

test("S139: a call that is not answered within 5000 ms, or the time given, rejects with timeout", async () => {
  const clock = new SimulatedTime();
  const ref = await startLink({ logic: recorderLogic }, { runtime: makeRuntime({ clock, logger: silentLogger }) });
  const byDefault = expect(call(ref, "x")).rejects.toMatchObject({ code: "timeout" });
  const sooner = expect(call(ref, "x", { timeoutMs: 10 })).rejects.toThrow(/within 10 ms/);
  await clock.advance(10);
  await sooner;
  expect(clock.pending).toBe(1);
  await clock.advance(4990);
  await byDefault;
  void call(ref, "x", { timeoutMs: "infinity" }).catch(() => {});
  expect(clock.pending).toBe(0);
});

test("S140: a call fails with noproc, the callee's exit reason, or calling_self", async () => {
  const gone = await startRecorder();
  kill(gone);
  await expect(call(gone, "x")).rejects.toMatchObject({ code: "noproc", reason: noproc });
  await expect(call("call.test nobody", "x")).rejects.toMatchObject({ code: "noproc" });

  const ends = [
    ["killed", (ref: typeof gone) => kill(ref), killed],
    ["normal", (ref: typeof gone) => stop(ref), { type: "normal" }],
    ["error", (ref: typeof gone) => ref.send({ type: "crash", error: "boom" }), crashed("boom")],
  ] as const;
  for (const [, end, reason] of ends) {
    const callee = await startRecorder();
    const failure = expect(call(callee, "x")).rejects.toMatchObject({ code: "exited", reason });
    await end(callee);
    await failure;
  }

  const own = await startRecorder();
  await expect(call(own, "x", { self: own })).rejects.toMatchObject({ code: "calling_self" });
});

test("S141: after a timeout the request is still handled, and its late reply is dropped", async () => {
  const clock = new SimulatedTime();
  const ref = await startLink({ logic: recorderLogic }, { runtime: makeRuntime({ clock, logger: silentLogger }) });
  const failure = expect(call(ref, "slow", { timeoutMs: 1 })).rejects.toBeInstanceOf(CallError);
  await clock.advance(1);
  await failure;
  const [asked] = received(ref, "call");
  expect(asked).toMatchObject({ request: "slow" });
  expect(asked !== undefined && reply(asked["from"] as From, "late")).toBe(false);
});

test("S142: a reply that was given before the callee ended reaches the caller", async () => {
  const ref = await startRecorder();
  const answer = call(ref, "x");
  const [asked] = received(ref, "call");
  if (asked !== undefined) reply(asked["from"] as From, "in time");
  kill(ref);
  expect(await answer).toBe("in time");
});

test("S143: anyone who holds the handle may reply; the first reply counts and says so, later ones are dropped", async () => {
  const [ref, helper] = [await startRecorder(), await startRecorder()];
  const answer = call(ref, "x");
  const from = received(ref, "call")[0]?.["from"] as From;
  const said: boolean[] = [];
  helper.send({
    type: "run",
    run: () => said.push(reply(from, "from the helper"), reply(from, "again"), replyError(from, "no")),
  });
  expect(await answer).toBe("from the helper");
  expect(said).toEqual([true, false, false]);
});

test("a callee can answer with an error of its own", async () => {
  const ref = await startRecorder();
  const refusal = new RangeError("too far");
  const failure = expect(call(ref, "x")).rejects.toBe(refusal);
  expect(replyError(received(ref, "call")[0]?.["from"] as From, refusal)).toBe(true);
  await failure;
});

test("S144: a caller that gives up does not affect the server", async () => {
  const ref = await startRecorder();
  const controller = new AbortController();
  const failure = expect(call(ref, "x", { signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
  controller.abort();
  await failure;
  expect(reply(received(ref, "call")[0]?.["from"] as From, "nobody")).toBe(false);
  expect(typesReceived(ref)).toEqual(["call"]);
  await expect(call(ref, "y", { signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
  expect(typesReceived(ref)).toEqual(["call"]);
});

test("S145: cast and send to a dead process succeed; only a send to an unknown local name throws", async () => {
  const gone = await startRecorder();
  kill(gone);
  send(gone, { type: "x" });
  cast(gone, "x");
  cast("call.test nobody", "x");
  expect(() => send("call.test nobody", { type: "x" })).toThrow(expect.objectContaining({ code: "not_registered" }));
  expect(() => info("call.test nobody", "x")).toThrow(/Nobody holds the name/);
});

test("S146: call, cast, info and send of one sender are handled in the order sent", async () => {
  const ref = await startRecorder();
  // From within a step of the receiver, when all of them queue.
  ref.send({
    type: "run",
    run: () => {
      void call(ref, 1).catch(() => {});
      cast(ref, 2);
      info(ref, 3);
      send(ref, { type: "own" });
    },
  });
  expect(typesReceived(ref)).toEqual(["run", "call", "cast", "info", "own"]);
});

test("S147: calls that are queued when a process ends get its exit reason; its successor never sees them", async () => {
  const first = await startRecorder({ name: "call.test successor" });
  let queued: Promise<unknown> = Promise.resolve();
  first.send({
    type: "run",
    run: () => {
      queued = expect(call(first, "queued")).rejects.toMatchObject({ code: "exited", reason: crashed("boom") });
      throw "boom";
    },
  });
  await queued;
  const second = await startRecorder({ name: "call.test successor" });
  await settle();
  expect(received(second)).toEqual([]);
});

test("S195: the handle of a call shows nothing of itself when printed or serialised", async () => {
  const ref = await startRecorder();
  void call(ref, "x").catch(() => {});
  const [asked] = received(ref, "call");
  expect(inspect(asked)).toBe("{ type: 'call', request: 'x', from: [From] }");
  expect(JSON.stringify(asked)).toBe('{"type":"call","request":"x","from":"[From]"}');
});

test("S195: the exit of an actor rejects every call that waits for it", async () => {
  const ref = await startRecorder();
  const calls = [call(ref, 1), call(ref, 2), call(ref, 3)].map((pending) =>
    expect(pending).rejects.toMatchObject({ code: "exited", reason: crashed("boom") }),
  );
  ref.send({ type: "crash", error: "boom" });
  await Promise.all(calls);
});

test("the error of a call says what happened, why, and what to do", async () => {
  const ref = await startRecorder({ id: "worker" });
  const failure = expect(call(ref, "x")).rejects.toThrow(
    /^worker \(x:\d+\) ended before it replied\. Reason: error \(Error: boom\)\. .*called again under its name\.$/,
  );
  ref.send({ type: "crash", error: new Error("boom") });
  await failure;
});

expectTypeOf<CallEvents<Calls>>().toEqualTypeOf<
  | CallEvent<{ readonly type: "total" } & unknown, number>
  | CallEvent<{ readonly type: "add" } & { readonly by: number }, string>
>();

test("an answered call leaves nothing behind: no timer, no listener, no entry with its callee", async () => {
  const clock = new SimulatedTime();
  const ref = await startLink({ logic: counter }, { runtime: makeRuntime({ clock, logger: silentLogger }) });
  const { signal } = new AbortController();
  const removed = vi.spyOn(signal, "removeEventListener");
  await call(ref, { type: "total" }, { signal });
  expect(clock.pending).toBe(0);
  expect(removed).toHaveBeenCalledTimes(1);
  expect(recordOf(ref)?.calls?.size).toBe(0);
});

test("whether a caller still waits can be asked: not any more once it was answered or has given up", async () => {
  const froms: From[] = [];
  const holder = fromTransition((_: number, event: CallEvent) => froms.push(event.from), 0);
  const ref = await startLink({ logic: holder }, { runtime: makeRuntime({ logger: silentLogger }) });
  const giveUp = new AbortController();
  const answered = call(ref, 1);
  const givenUp = expect(call(ref, 2, { signal: giveUp.signal })).rejects.toMatchObject({ code: "aborted" });
  expect(froms.map(isPending)).toEqual([true, true]);
  const [first] = froms;
  if (first !== undefined) reply(first, "done");
  giveUp.abort();
  await Promise.all([answered, givenUp]);
  expect(froms.map(isPending)).toEqual([false, false]);
});
