import {
  CallError,
  ExitSignal,
  exit,
  isRunning,
  kill,
  makeRuntime,
  SimulatedTime,
  silentLogger,
  start,
} from "@trunkline/process";
import { gate, scriptedServer } from "@trunkline/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fromCallback } from "xstate";
import { call, type From, noreply, reply } from "../../src/index.ts";
import { type Probe, type ProbeOptions, refusal, startProbe } from "./probe.ts";

let url: string;
beforeEach(async () => {
  const server = await scriptedServer(async (peer) => void (await peer.login()), { repeat: true });
  url = server.url;
  return () => server.close();
});

const probes: Probe[] = [];
afterEach(async () => {
  for (const probe of probes.splice(0)) await probe[Symbol.asyncDispose]();
});

async function probing(options: ProbeOptions = {}): Promise<Probe> {
  const probe = await startProbe({ connectionString: url, ...options });
  probes.push(probe);
  return probe;
}

const ping = { type: "ping" } as const;

describe("calls", () => {
  test("PX-42, R32: without handleCall the caller is refused, and the connection lives", async () => {
    const probe = await probing({ callbacks: { handleCall: undefined } as never });
    const asked = call(probe.ref, ping);
    await expect(asked).rejects.toMatchObject({ name: "ReplicationError", code: "missing_callback" });
    probe.info("ping");
    await probe.inbox.next("note");
  });

  test("PX-44, R71: a reply that comes after the caller's timeout is dropped, time after time", async () => {
    const waiting: From<"pong">[] = [];
    const clock = new SimulatedTime();
    const asked = [gate(), gate()];
    const probe = await probing({
      runtime: { clock },
      callbacks: {
        handleCall: (_, from, state) => {
          asked[waiting.push(from as From<"pong">) - 1]?.open();
          return noreply(state);
        },
      },
    });
    for (const round of [0, 1]) {
      const outcome = refusal(call(probe.ref, ping, { timeoutMs: 50 }));
      await asked[round]?.opened;
      await clock.advance(50);
      expect(await outcome).toMatchObject({ code: "timeout" });
      await clock.advance(150);
      expect(waiting.map((from) => reply(from, "pong"))).toEqual(waiting.map(() => false));
    }
    expect(probe.inbox.notes()).toEqual([]);
    expect(isRunning(probe.ref)).toBe(true);
  });

  test("PX-45, R72: the first reply wins, and the second says so", async () => {
    const said: boolean[] = [];
    const probe = await probing({
      callbacks: {
        handleCall: (_, from, state) => {
          said.push(reply(from as From<unknown>, "first"), reply(from as From<unknown>, "second"));
          return noreply(state);
        },
      },
    });
    expect(await call(probe.ref, ping)).toBe("first");
    expect(said).toEqual([true, false]);
  });

  test("R70: nobody there is noproc, and an end before the reply is exited", async () => {
    const probe = await probing({ callbacks: { handleCall: (_, __, state) => noreply(state) } });
    const open = refusal(call(probe.ref, ping));
    await probe.terminate();
    expect(await open).toMatchObject({ code: "exited", reason: { type: "shutdown" } });
    expect(await refusal(call(probe.ref, ping))).toMatchObject({ code: "noproc" });
  });

  test("R70: a connection that calls itself is told so", async () => {
    const seen: unknown[] = [];
    const probe = await probing({
      callbacks: {
        handleInfo: async (_, state) => {
          seen.push(await refusal(call(probe.ref, ping, { self: probe.ref })));
          state.inbox.note("seen");
          return noreply(state);
        },
      },
    });
    probe.info("ping");
    await probe.inbox.next("note");
    expect(seen).toMatchObject([{ code: "calling_self" }]);
  });
});

describe("what a callback may not do", () => {
  const boom = new RangeError("boom");
  const wrong: ReadonlyArray<readonly [string, () => unknown, object]> = [
    ["returns nothing", () => undefined, { code: "bad_return" }],
    ["returns something else", () => ({ type: "hibernate" }), { code: "bad_return" }],
    ["returns bytes in place of a list of acks", () => noreply(1, Buffer.from("r") as never), { code: "bad_return" }],
    ["throws", () => raise(boom), boom],
    ["rejects", () => Promise.reject(boom), boom],
  ];

  for (const [what, callback, error] of wrong) {
    test(`PX-43, R37, R41, R43: a handleCall that ${what} ends the process: the caller gets the reason, no reconnect`, async () => {
      const probe = await probing({ autoReconnect: true, callbacks: { handleCall: callback as never } });
      const { n } = await probe.inbox.next("connect");
      const caller = await refusal(call(probe.ref, ping));
      expect(caller).toMatchObject({ code: "exited", reason: { type: "error", error } });
      expect(await probe.ended).toMatchObject({ type: "error", error });
      expect(n).toBe(1);
      expect(probe.inbox.take("disconnect")).toEqual([]);
      expect(probe.inbox.take("connect")).toEqual([]);
    });
  }

  test("PX-43, R42: an ExitSignal thrown in a callback ends the process with its reason", async () => {
    const probe = await probing({ callbacks: { handleInfo: () => raise(new ExitSignal("shutdown")) } });
    probe.info("ping");
    expect(await probe.ended).toEqual({ type: "shutdown" });
    expect(probe.inbox.take("disconnect")).toEqual([]);
  });

  test("R35: a lone Uint8Array for acks does not compile", () => {
    // @ts-expect-error acks are a list
    expect(noreply(1, new Uint8Array(1)).acks).toBeInstanceOf(Uint8Array);
  });
});

describe("exit signals of strangers", () => {
  test("PX-47, R94: with trapExit handleInfo gets the exit, and the process lives", async () => {
    const seen: unknown[] = [];
    const probe = await probing({
      trapExit: true,
      callbacks: {
        handleInfo: (info, state) => {
          seen.push(info);
          state.inbox.note("seen");
          return noreply(state);
        },
      },
    });
    const stranger = await start({ logic: fromCallback(() => {}) }, { runtime: makeRuntime({ logger: silentLogger }) });
    exit(probe.ref, "shutdown", stranger);
    await probe.inbox.next("note");
    expect(seen).toMatchObject([{ type: "otp.exit", reason: { type: "shutdown" } }]);
    expect(isRunning(probe.ref)).toBe(true);
    kill(stranger);
  });

  test("PX-47, R94: without it the process ends with the signal's reason", async () => {
    const seen: unknown[] = [];
    const probe = await probing({
      callbacks: {
        handleInfo: (info, state) => {
          seen.push(info);
          return noreply(state);
        },
      },
    });
    const stranger = await start({ logic: fromCallback(() => {}) }, { runtime: makeRuntime({ logger: silentLogger }) });
    exit(probe.ref, "shutdown", stranger);
    expect(await probe.ended).toMatchObject({ type: "shutdown" });
    expect(seen).toEqual([]);
    kill(stranger);
  });
});

test("R17: a call reaches a connection by its name", async () => {
  await probing({ name: "r17" });
  expect(await call("r17", ping)).toBe("pong");
  await expect(call("nobody", ping)).rejects.toBeInstanceOf(CallError);
});

function raise(error: unknown): never {
  throw error;
}
