import { From, normal, settle, silentLogger } from "@trunkline/process";
import { describe, expect, test } from "vitest";
import type { Callbacks } from "../callbacks.ts";
import { DONE } from "../done.ts";
import {
  disconnect,
  type Instruction,
  noreply,
  pause,
  query,
  resume,
  stop,
  stopStream,
  stream,
} from "../instruction.ts";
import type { MailboxEvent } from "../machine/events.ts";
import type { ConnectionState } from "../machine/states.ts";
import { Mailbox } from "./mailbox.ts";
import type { MailboxOptions } from "./ports.ts";

type State = readonly string[];
type Wanted = Partial<Callbacks<State, unknown, string, unknown>>;

/** A mailbox with everything around it recorded; the machine's state is set by the test. */
function opened(callbacks: Wanted, options: Partial<MailboxOptions> = {}) {
  const told: MailboxEvent[] = [];
  const log: string[] = [];
  const machine: { state: ConnectionState } = { state: "connecting" };
  const mailbox = new Mailbox<State, unknown, string, unknown>(
    { init: () => [], ...callbacks },
    [],
    { trapExit: false, failPendingOnDisconnect: false, ...options },
    {
      state: () => machine.state,
      tell: (event) => void told.push(event),
      write: (messages) => void log.push(`write ${messages.map((bytes) => Buffer.from(bytes)).join(" ")}`),
      hold: () => void log.push("hold"),
      release: () => void log.push("release"),
      later: (fn) => void setImmediate(fn),
      log: silentLogger,
    },
  );
  const connect = (): void => {
    machine.state = "connected.idle";
    mailbox.connected();
  };
  const streaming = (): void => {
    connect();
    machine.state = "connected.streaming";
    mailbox.streamStarted();
  };
  const info = (text: string): void => mailbox.deliver({ type: "info", info: text });
  return { mailbox, machine, told, log, connect, streaming, info, types: () => told.map(({ type }) => type) };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (data: Uint8Array | typeof DONE): string => (data === DONE ? "DONE" : Buffer.from(data).toString());
const add = (state: State, word: string): Instruction<State> => noreply([...state, word]);

describe("order", () => {
  test("R75: messages wait while the first attempt goes on, and come in their order afterwards", async () => {
    const { mailbox, connect, info } = opened({
      handleConnect: (state) => add(state, "connect"),
      handleInfo: (word, state) => add(state, word),
    });
    info("one");
    info("two");
    await settle();
    expect(mailbox.state).toEqual([]);
    connect();
    await settle();
    expect(mailbox.state).toEqual(["connect", "one", "two"]);
  });

  test("R50: a chain of queries is one event: no message is handled in between", async () => {
    const { mailbox, connect, info, types } = opened({
      handleConnect: (state) => query("first", [...state, "connect"]),
      handleResult: (_, state) => (state.includes("1") ? add(state, "2") : query("second", [...state, "1"])),
      handleInfo: (word, state) => add(state, word),
    });
    connect();
    info("info");
    await settle();
    mailbox.result([]);
    await settle();
    expect(mailbox.state).toEqual(["connect", "1"]);
    mailbox.result([]);
    await settle();
    expect(mailbox.state).toEqual(["connect", "1", "2", "info"]);
    expect(types()).toEqual(["mailbox.query", "mailbox.query", "mailbox.settled"]);
  });

  test("R76: messages are handled during a wait", async () => {
    const { mailbox, info } = opened({ handleInfo: (word, state) => add(state, word) });
    mailbox.wait();
    info("now");
    await settle();
    expect(mailbox.state).toEqual(["now"]);
  });

  test("R84: nothing is handled between handleDisconnect and the next attempt", async () => {
    const { mailbox, connect, info } = opened({
      handleDisconnect: (_, state) => noreply([...state, "disconnect"]),
      handleConnect: (state) => add(state, "connect"),
      handleInfo: (word, state) => add(state, word),
    });
    connect();
    const handled = new Promise<void>((resolve) => mailbox.lost(new Error("cut"), false, resolve));
    info("after");
    await handled;
    await settle();
    mailbox.attempt();
    expect(mailbox.state).toEqual(["connect", "disconnect"]);
    mailbox.connected();
    await settle();
    expect(mailbox.state).toEqual(["connect", "disconnect", "connect", "after"]);
  });

  test("PR-08: what was sent before a loss is handled before it, and a query then gets the loss for an answer", async () => {
    const { mailbox, machine, connect, info, types } = opened({
      handleInfo: (word, state) => query("SELECT 1", [...state, word]),
      handleResult: (_, state) => add(state, "result"),
      handleDisconnect: (_, state) => noreply([...state, "disconnect"]),
    });
    connect();
    mailbox.suspend();
    info("ask");
    machine.state = "closing";
    mailbox.lost(new Error("cut"), false, () => {});
    await settle();
    expect(mailbox.state).toEqual([]);
    mailbox.resume();
    await settle();
    expect(mailbox.state).toEqual(["ask", "disconnect"]);
    expect(types()).not.toContain("mailbox.query");
  });

  test("a loss while a query is unanswered comes at once", async () => {
    const { mailbox, connect } = opened({
      handleConnect: (state) => query("SELECT 1", state),
      handleResult: (_, state) => add(state, "result"),
      handleDisconnect: (_, state) => noreply([...state, "disconnect"]),
    });
    connect();
    mailbox.lost(new Error("cut"), false, () => {});
    await settle();
    expect(mailbox.state).toEqual(["disconnect"]);
  });
});

describe("data", () => {
  test("a synchronous handler runs on the spot", () => {
    const { mailbox, streaming, log } = opened({ handleData: (data, state) => add(state, text(data)) });
    streaming();
    mailbox.data(bytes("a"));
    mailbox.data(bytes("b"));
    expect(mailbox.state).toEqual(["a", "b"]);
    expect(log).toEqual([]);
  });

  test("handleBytes runs instead of handleData, on the spot, and DONE still goes to handleData", async () => {
    const { mailbox, streaming, log } = opened({
      handleData: (data, state) => add(state, text(data)),
      handleBytes: (slab, from, to, state) => add(state, text(slab.subarray(from, to))),
    });
    streaming();
    mailbox.bytes(bytes("-a-"), 1, 2);
    mailbox.bytes(bytes("bb"), 0, 2);
    expect(mailbox.state).toEqual(["a", "bb"]);
    mailbox.done();
    await settle();
    expect(mailbox.state).toEqual(["a", "bb", "DONE"]);
    expect(log).toEqual([]);
  });

  test("the promise of handleBytes holds the flow; what it throws or must not return ends the process in its name", async () => {
    const pending = opened({ handleBytes: async (_slab, _from, _to, state) => add(state, "later") });
    pending.streaming();
    pending.mailbox.bytes(bytes("a"), 0, 1);
    expect(pending.log).toEqual(["hold"]);
    await settle();
    expect(pending.mailbox.state).toEqual(["later"]);
    expect(pending.log).toEqual(["hold", "release"]);

    const failing: readonly (() => never)[] = [
      () => {
        throw new Error("no");
      },
      () => "nothing" as never,
    ];
    const reasons = failing.map((handleBytes) => {
      const { mailbox, streaming, told } = opened({ handleBytes });
      streaming();
      mailbox.bytes(bytes("a"), 0, 1);
      mailbox.bytes(bytes("b"), 0, 1);
      return told.filter(({ type }) => type === "mailbox.stop");
    });
    expect(reasons).toMatchObject([
      [{ reason: { type: "error", error: { message: "no" } } }],
      [{ reason: { error: { code: "bad_return", message: expect.stringContaining("handleBytes") } } }],
    ]);
  });

  test("R101: the promise of a handler holds the flow until it is fulfilled", async () => {
    let finish = (): void => {};
    const { mailbox, streaming, log } = opened({
      handleData: async (data, state) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return add(state, text(data));
      },
    });
    streaming();
    mailbox.data(bytes("a"));
    expect(log).toEqual(["hold"]);
    finish();
    await settle();
    expect(mailbox.state).toEqual(["a"]);
    expect(log).toEqual(["hold", "release"]);
  });

  test("PX-31: a message that arrives while a handler is busy comes before the next data", async () => {
    const { mailbox, streaming, info, log } = opened({
      handleData: async (data, state) => add(state, text(data)),
      handleInfo: (word, state) => add(state, word),
    });
    streaming();
    mailbox.data(bytes("1"));
    info("info");
    await settle();
    expect(mailbox.state).toEqual(["1", "info"]);
    expect(log).toEqual(["hold", "release"]);
  });

  test("R97: at the end of a batch what waits is handled on the spot, unless a callback is busy", async () => {
    let finish = (): void => {};
    const busy = new Promise<Instruction<State>>((resolve) => {
      finish = () => resolve(noreply(["done"]));
    });
    const { mailbox, streaming, info } = opened({
      handleData: (data, state) => (text(data) === "busy" ? busy : add(state, text(data))),
      handleInfo: (word, state) => add(state, word),
    });
    streaming();
    mailbox.data(bytes("1"));
    info("info");
    mailbox.turn();
    mailbox.data(bytes("2"));
    expect(mailbox.state).toEqual(["1", "info", "2"]);
    mailbox.data(bytes("busy"));
    info("later");
    mailbox.turn();
    expect(mailbox.state).toEqual(["1", "info", "2"]);
    finish();
    await settle();
    expect(mailbox.state).toEqual(["done", "later"]);
  });

  test("R34: each ack is one message, a nested one is joined, and an empty list writes nothing", () => {
    const { mailbox, streaming, log } = opened({
      handleData: (data, state) =>
        noreply(state, text(data) === "none" ? [] : [bytes("a"), [bytes("b"), [bytes("c")]]]),
    });
    streaming();
    mailbox.data(bytes("none"));
    mailbox.data(bytes("some"));
    expect(log).toEqual(["write a bc"]);
  });

  test("pause holds the flow until resume, and messages are handled meanwhile", async () => {
    const { mailbox, streaming, info, log } = opened({
      handleData: (_, state) => pause(state),
      handleInfo: (word, state) => (word === "go" ? resume([...state, word]) : add(state, word)),
    });
    streaming();
    mailbox.data(bytes("a"));
    expect(log).toEqual(["hold"]);
    info("hello");
    info("go");
    await settle();
    expect(mailbox.state).toEqual(["hello", "go"]);
    expect(log).toEqual(["hold", "release"]);
  });

  test("R63: DONE comes once, and streaming is off: a new stream may be returned", async () => {
    const { mailbox, machine, streaming, types } = opened({
      handleData: (data, state) => (data === DONE ? stream("again", [...state, "DONE"]) : noreply(state)),
    });
    streaming();
    machine.state = "connected.idle";
    mailbox.done();
    await settle();
    expect(mailbox.state).toEqual(["DONE"]);
    expect(types()).toContain("mailbox.stream");
  });

  test("sys.suspend holds data and messages; resume lets both go on", async () => {
    const { mailbox, streaming, info, log } = opened({ handleInfo: (word, state) => add(state, word) });
    streaming();
    mailbox.suspend();
    info("wait");
    await settle();
    expect(mailbox.state).toEqual([]);
    mailbox.resume();
    await settle();
    expect(mailbox.state).toEqual(["wait"]);
    expect(log).toEqual(["hold", "release"]);
  });
});

describe("refusals", () => {
  test("R61: a query while streaming is refused, and the state is kept", async () => {
    const { mailbox, streaming, types } = opened({
      handleCall: (_request, _from, state) => query("SELECT 1", [...state, "kept"]),
      handleResult: (_, state) => add(state, "never"),
    });
    streaming();
    mailbox.deliver({ type: "call", request: "go", from: new From() });
    await settle();
    expect(mailbox.state).toEqual(["kept"]);
    expect(types()).not.toContain("mailbox.query");
  });

  test("PX-05, R76: without a connection a query gives not_connected, and acks are dropped", async () => {
    const { mailbox, machine, info, log, types } = opened({
      handleInfo: (word, state) => (word === "ack" ? noreply(state, [bytes("x")]) : query("SELECT 1", state)),
      handleResult: (result, state) => add(state, "code" in result ? String(result.code) : "results"),
    });
    machine.state = "backingOff";
    mailbox.wait();
    info("query");
    info("ack");
    await settle();
    await settle();
    expect(mailbox.state).toEqual(["not_connected"]);
    expect(log).toEqual([]);
    expect(types()).toEqual([]);
  });

  test("a module that asks for ever without a connection does not keep others from running", async () => {
    let asked = 0;
    const { mailbox, machine, info } = opened({
      handleInfo: (_, state) => query("SELECT 1", state),
      handleResult: (_, state) => {
        asked += 1;
        return query("SELECT 1", state);
      },
    });
    machine.state = "backingOff";
    mailbox.wait();
    info("go");
    for (let turn = 0; turn < 5; turn += 1) await settle();
    mailbox.halt();
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(10);
  });

  test("stopStream without a stream is refused, and the connection lives", async () => {
    const { mailbox, connect, types } = opened({ handleConnect: (state) => stopStream([...state, "tried"]) });
    connect();
    await settle();
    expect(mailbox.state).toEqual(["tried"]);
    expect(types()).toEqual(["mailbox.settled"]);
  });
});

describe("ends", () => {
  const reasonOf = (told: readonly MailboxEvent[]): unknown =>
    told.flatMap((event) => (event.type === "mailbox.stop" ? [event.reason] : []))[0];

  test.each([
    [
      "a throw",
      () => {
        throw new Error("boom");
      },
      { message: "boom" },
    ],
    ["a rejection", () => Promise.reject(new Error("boom")), { message: "boom" }],
    ["undefined", () => undefined, { code: "bad_return" }],
    ["a plain object", () => ({ step: "on" }), { code: "bad_return" }],
    ["R35: a lone Uint8Array as acks", () => noreply([], bytes("x") as never), { code: "bad_return" }],
    ["PX-52: maxMessages 0", () => stream("START", [], { maxMessages: 0 }), { code: "option_invalid" }],
    ["R32: a query without handleResult", () => query("SELECT 1", []), { code: "missing_callback" }],
    ["R32: a stream without handleData", () => stream("START", []), { code: "missing_callback" }],
  ])("R37, R41: %s ends the process with its error, and nothing is handled any more", async (_, handle, error) => {
    const { mailbox, told, connect, info, types } = opened({
      handleConnect: handle as never,
      handleInfo: (word, state) => add(state, word),
    });
    connect();
    info("late");
    await settle();
    expect(reasonOf(told)).toMatchObject({ type: "error", error });
    expect(types()).toEqual(["mailbox.stop"]);
    expect(mailbox.state).toEqual([]);
  });

  test("a bad return names its outline and shows nothing in it", async () => {
    const { told, connect } = opened({ handleConnect: () => ({ type: "nope", password: "hunter2" }) as never });
    connect();
    expect(String((reasonOf(told) as { error: Error }).error)).toContain("an object { type: 'nope', password }");
    expect(String((reasonOf(told) as { error: Error }).error)).not.toContain("hunter2");
  });

  test("R81: handleDisconnect may only return noreply", async () => {
    const { mailbox, told, connect } = opened({ handleDisconnect: (_, state) => query("x", state) as never });
    connect();
    mailbox.lost(new Error("cut"), false, () => {});
    await settle();
    expect(reasonOf(told)).toMatchObject({ error: { code: "bad_return" } });
  });

  test.each([
    ["normal", { type: "normal" }],
    ["shutdown", { type: "shutdown" }],
    ["out of disk", { type: "error", error: "out of disk" }],
  ])("R40: stop(%j) ends the process with that reason", (reason, expected) => {
    const { told, connect } = opened({ handleConnect: () => stop(reason) });
    connect();
    expect(reasonOf(told)).toEqual(expected);
  });

  test("R38: disconnect carries a state", async () => {
    const { mailbox, told, connect } = opened({ handleConnect: (state) => disconnect("enough", [...state, "kept"]) });
    connect();
    expect(told).toEqual([{ type: "mailbox.disconnect", reason: "enough" }]);
    expect(mailbox.state).toEqual(["kept"]);
  });

  test("R94: a linked process takes the connection with it, unless it traps exits", async () => {
    const signal = { type: "otp.exit", from: undefined, reason: { type: "error", error: "peer" } } as const;
    const plain = opened({});
    plain.mailbox.deliver(signal);
    const trapping = opened(
      { handleInfo: (info, state) => add(state, (info as never as typeof signal).type) },
      { trapExit: true },
    );
    trapping.connect();
    trapping.mailbox.deliver(signal);
    const harmless = opened({});
    harmless.mailbox.deliver({ ...signal, reason: normal });
    await settle();
    expect(reasonOf(plain.told)).toEqual(signal.reason);
    expect(trapping.mailbox.state).toEqual(["otp.exit"]);
    expect(harmless.told).toEqual([]);
  });

  test("R92: what a busy handler comes to after the end is dropped", async () => {
    let finish = (): void => {};
    const { mailbox, connect } = opened({
      handleConnect: async (state) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return add(state, "late");
      },
    });
    connect();
    mailbox.halt();
    finish();
    await settle();
    expect(mailbox.state).toEqual([]);
  });
});
