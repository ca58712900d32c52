import { settle, silentLogger } from "@trunkline/process";
import { expect, test } from "vitest";
import { deferred } from "../../test/deferred.ts";
import type { Callbacks } from "../callbacks.ts";
import { DONE } from "../done.ts";
import { type Instruction, noreply, pause, query, stream } from "../instruction.ts";
import { outcomes } from "../machine/outcomes.ts";
import type { ConnectionState } from "../machine/states.ts";
import { Mailbox } from "./mailbox.ts";

type Log = readonly string[];

/** A mailbox beside a machine that goes where the table says; what was asked of it stands in `asked`. */
function beside(callbacks: Partial<Callbacks<Log, unknown, string, unknown>>) {
  const asked: string[] = [];
  const flow: string[] = [];
  const later: (() => void)[] = [];
  const machine: { state: ConnectionState } = { state: "backingOff" };
  const mailbox = new Mailbox<Log, unknown, string, unknown>(
    { init: () => [], ...callbacks },
    [],
    { trapExit: false, failPendingOnDisconnect: false },
    {
      state: () => machine.state,
      tell: (event) => {
        if (event.type === "mailbox.query" || event.type === "mailbox.stream") asked.push(event.sql.reveal());
        const outcome = outcomes[machine.state][event.type];
        if (typeof outcome === "string" && outcome.startsWith("connected.")) machine.state = outcome as ConnectionState;
      },
      write: () => {},
      hold: () => void flow.push("hold"),
      release: () => void flow.push("release"),
      later: (fn) => void later.push(fn),
      log: silentLogger,
    },
  );
  return {
    mailbox,
    asked,
    flow,
    info: (text: string) => mailbox.deliver({ type: "info", info: text }),
    attempt: () => {
      machine.state = "connecting";
      mailbox.attempt();
    },
    connect: () => {
      machine.state = "connected.idle";
      mailbox.connected();
    },
    answerQuery: () => {
      machine.state = "connected.idle";
      mailbox.result([]);
    },
    beginStream: () => {
      machine.state = "connected.streaming";
      mailbox.streamStarted();
    },
    endStream: () => {
      machine.state = "connected.idle";
      mailbox.done();
    },
    lose: () => {
      machine.state = "closing";
      mailbox.lost("gone", false, () => {});
    },
    runLater: () => {
      for (const fn of later.splice(0)) fn();
    },
  };
}

const add = (log: Log, word: string): Log => [...log, word];

test("R50: what handleConnect asks for is not lost when a callback that was busy meanwhile asks for something first", async () => {
  const busy = deferred<Instruction<Log>>();
  const { mailbox, asked, info, attempt, connect, answerQuery } = beside({
    handleInfo: () => busy.promise,
    handleConnect: (log) => query("from handleConnect", add(log, "connect")),
    handleResult: (_, log) => noreply(add(log, "result")),
  });
  mailbox.wait();
  info("go");
  await settle();
  attempt();
  connect();
  busy.resolve(query("from handleInfo", ["info"]));
  await settle();
  answerQuery();
  await settle();
  answerQuery();
  await settle();
  expect(asked).toEqual(["from handleInfo", "from handleConnect"]);
  expect(mailbox.state).toEqual(["info", "result", "connect", "result"]);
});

test("R50, R63: the end of a stream waits for a query that a busy callback has asked for meanwhile", async () => {
  const busy = deferred<Instruction<Log>>();
  const { mailbox, asked, info, connect, beginStream, endStream, answerQuery } = beside({
    handleConnect: (log) => stream("the stream", log),
    handleInfo: () => busy.promise,
    handleResult: (_, log) => noreply(add(log, "result")),
    handleData: (data, log) => (data === DONE ? stream("the next stream", add(log, "DONE")) : noreply(log)),
  });
  connect();
  beginStream();
  info("go");
  await settle();
  endStream();
  busy.resolve(query("from handleInfo", []));
  await settle();
  answerQuery();
  await settle();
  expect(asked).toEqual(["the stream", "from handleInfo", "the next stream"]);
  expect(mailbox.state).toEqual(["result", "DONE"]);
});

test("R50, R76: the refusal of a query that came too early waits for the chain that handleConnect has begun", async () => {
  const { mailbox, asked, info, attempt, connect, answerQuery, runLater } = beside({
    handleInfo: (_, log) => query("too early", log),
    handleConnect: (log) => query("from handleConnect", add(log, "connect")),
    handleResult: (answer, log) => noreply(add(log, answer instanceof Error ? "refused" : "result")),
  });
  mailbox.wait();
  info("go");
  await settle();
  attempt();
  connect();
  runLater();
  answerQuery();
  await settle();
  expect(asked).toEqual(["from handleConnect"]);
  expect(mailbox.state).toEqual(["connect", "result", "refused"]);
});

test("R86: a pause ends with its session: the stream of the next one flows", async () => {
  const { mailbox, flow, attempt, connect, beginStream, lose } = beside({
    handleConnect: (log) => stream("the stream", log),
    handleData: (_, log) => pause(log),
  });
  connect();
  beginStream();
  mailbox.data(Buffer.from("one"));
  lose();
  await settle();
  attempt();
  connect();
  beginStream();
  await settle();
  expect(flow).toEqual(["hold"]);
});
