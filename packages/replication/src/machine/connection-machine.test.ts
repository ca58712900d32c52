import { SimulatedTime } from "@trunkline/process";
import { expect, test } from "vitest";
import { createActor } from "xstate";
import { parseReconnectBackoff } from "../backoff.ts";
import { connectionMachine } from "./connection-machine.ts";
import type { ConnectionEvent } from "./events.ts";
import { stateOf } from "./states.ts";

const reason = new Error("gone");
const failed: ConnectionEvent = { type: "transport.connectFailed", reason };
const connected: readonly ConnectionEvent[] = [{ type: "transport.socketOpened" }, { type: "transport.connected" }];
const lost: readonly ConnectionEvent[] = [{ type: "transport.lost", reason }, { type: "transport.closed" }];

/** A machine whose second failure in a row is its last, after one that failed and connected then. */
function afterOneFailure() {
  const clock = new SimulatedTime();
  const backoff = parseReconnectBackoff({ type: "fixed", delayMs: 500, maxAttempts: 2 });
  const actor = createActor(connectionMachine, { clock, input: { autoReconnect: true, backoff, stableAfterMs: 5000 } });
  actor.start();
  const send = (...events: readonly ConnectionEvent[]): void => {
    for (const event of events) actor.send(event);
  };
  send(failed);
  return { clock, send, state: () => stateOf(actor.getSnapshot().value) };
}

test("R83: once a connection has proved good, the failures before it count no more", async () => {
  const { clock, send, state } = afterOneFailure();
  await clock.advance(500);
  send(...connected, { type: "transport.firstData" }, ...lost);
  expect(state()).toBe("connecting");
  send(failed);
  expect(state()).toBe("backingOff");
});

test("R83: a connection that is lost before it has proved good adds to the failures before it", async () => {
  const { clock, send, state } = afterOneFailure();
  await clock.advance(500);
  send(...connected, ...lost);
  expect(state()).toBe("stopped");
});
