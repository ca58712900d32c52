import { crashed, ExitSignal, normal } from "@trunkline/process";
import { expect, test } from "vitest";
import { createActor } from "xstate";
import { parseReconnectBackoff } from "../backoff.ts";
import { asProcess } from "./as-process.ts";
import { connectionMachine } from "./connection-machine.ts";

const input = { autoReconnect: false, backoff: parseReconnectBackoff(500), stableAfterMs: 5000 };

test("a reason other than normal leaves the machine as an exit signal, its state still shown as stopped", () => {
  const actor = createActor(asProcess(connectionMachine), { input });
  const errors: unknown[] = [];
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();
  actor.send({ type: "transport.connectFailed", reason: new Error("refused") });
  expect(actor.getSnapshot()).toMatchObject({ status: "error", value: "stopped" });
  expect(errors).toEqual([expect.any(ExitSignal)]);
  expect(errors[0]).toMatchObject({ reason: crashed(new Error("refused")) });
});

test("a normal end is a machine that is done", () => {
  const actor = createActor(asProcess(connectionMachine), { input }).start();
  actor.send({ type: "mailbox.stop", reason: normal });
  actor.send({ type: "transport.closed" });
  expect(actor.getSnapshot()).toMatchObject({ status: "done", value: "stopped" });
});

test("an event of a kind that the machine does not know is somebody's info", () => {
  const delivered: unknown[] = [];
  const machine = connectionMachine.provide({ actions: { deliver: ({ event }) => void delivered.push(event) } });
  const actor = createActor(asProcess(machine), { input }).start();
  const event = { type: "query", sql: "SELECT 1" };
  actor.send(event as never);
  expect(delivered).toEqual([{ type: "info", info: event }]);
});
