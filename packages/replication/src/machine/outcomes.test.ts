import { crashed, From, normal, SimulatedTime, shutdown } from "@trunkline/process";
import { describe, expect, test } from "vitest";
import { createActor } from "xstate";
import { parseReconnectBackoff } from "../backoff.ts";
import { Secret } from "../options/secret.ts";
import { connectionMachine } from "./connection-machine.ts";
import type { ConnectionEvent, ConnectionEventType } from "./events.ts";
import { type Outcome, outcomes } from "./outcomes.ts";
import { type ConnectionState, connectionStates, stateOf } from "./states.ts";

const sql = new Secret("SELECT 1");
const reason = new Error("gone");

/** One event of each type; a type without one does not compile. */
const events: { readonly [Type in ConnectionEventType]: Extract<ConnectionEvent, { readonly type: Type }> } = {
  "transport.socketOpened": { type: "transport.socketOpened" },
  "transport.connected": { type: "transport.connected" },
  "transport.connectFailed": { type: "transport.connectFailed", reason },
  "transport.queryFinished": { type: "transport.queryFinished" },
  "transport.streamStarted": { type: "transport.streamStarted" },
  "transport.streamRefused": { type: "transport.streamRefused" },
  "transport.firstData": { type: "transport.firstData" },
  "transport.streamEnded": { type: "transport.streamEnded" },
  "transport.lost": { type: "transport.lost", reason },
  "transport.closed": { type: "transport.closed" },
  "mailbox.query": { type: "mailbox.query", sql, options: {} },
  "mailbox.stream": { type: "mailbox.stream", sql, options: {} },
  "mailbox.stopStream": { type: "mailbox.stopStream" },
  "mailbox.disconnect": { type: "mailbox.disconnect", reason },
  "mailbox.stop": { type: "mailbox.stop", reason: crashed(reason) },
  "mailbox.settled": { type: "mailbox.settled" },
  call: { type: "call", request: "hello", from: new From() },
  cast: { type: "cast", request: "hello" },
  info: { type: "info", info: "hello" },
  "otp.exit": { type: "otp.exit", from: undefined, reason: normal },
  "otp.down": { type: "otp.down", ref: Symbol("monitor") as never, process: "somebody", reason: normal },
  "otp.stop": { type: "otp.stop", reason: shutdown(), from: undefined },
};

const toIdle = ["transport.socketOpened", "transport.connected"] as const;
const toStreaming = [...toIdle, "mailbox.stream", "transport.streamStarted"] as const;

/** The events that lead to each state. */
const paths: Readonly<Record<ConnectionState, readonly ConnectionEventType[]>> = {
  connecting: [],
  authenticating: ["transport.socketOpened"],
  "connected.idle": toIdle,
  "connected.querying": [...toIdle, "mailbox.query"],
  "connected.startingStream": [...toIdle, "mailbox.stream"],
  "connected.streaming": toStreaming,
  "connected.stoppingStream": [...toStreaming, "mailbox.stopStream"],
  closing: [...toIdle, "transport.lost"],
  backingOff: ["transport.connectFailed"],
  stopped: ["mailbox.stop", "transport.closed"],
};

type Variant = "auto" | "failing" | "once";

interface Walk {
  readonly delivered: readonly string[];
  readonly state: ConnectionState;
  readonly contextKept: boolean;
}

function walk(state: ConnectionState, type: ConnectionEventType, variant: Variant): Walk {
  const delivered: string[] = [];
  const machine = connectionMachine.provide({
    actions: { deliver: ({ event }) => void delivered.push(event.type) },
  });
  const actor = createActor(machine, {
    clock: new SimulatedTime(),
    input: { autoReconnect: variant !== "once", backoff: parseReconnectBackoff(500), stableAfterMs: 5000 },
  });
  actor.start();
  if (variant === "failing") {
    for (const event of [...toIdle, "transport.lost", "transport.closed"] as const) actor.send(events[event]);
  }
  for (const event of paths[state]) actor.send(events[event]);
  const before = actor.getSnapshot();
  if (stateOf(before.value) !== state) throw new Error(`The path to ${state} led to ${stateOf(before.value)}.`);
  // An actor that has ended takes nothing, and would say so on stderr.
  if (before.status === "active") actor.send(events[type]);
  const after = actor.getSnapshot();
  return { delivered, state: stateOf(after.value), contextKept: after.context === before.context };
}

const expectedState = (state: ConnectionState, outcome: Outcome, variant: Variant): ConnectionState => {
  if (typeof outcome === "object" && "auto" in outcome) {
    return variant === "once" ? outcome.once : variant === "failing" ? (outcome.failing ?? outcome.auto) : outcome.auto;
  }
  return (connectionStates as readonly Outcome[]).includes(outcome) ? (outcome as ConnectionState) : state;
};

const eventTypes = Object.keys(events) as ConnectionEventType[];

describe.each(["auto", "failing", "once"] as const)("with autoReconnect: %s", (variant) => {
  // Without autoReconnect nothing leads to a wait.
  const states = connectionStates.filter((state) => variant !== "once" || state !== "backingOff");
  test.each(states)("in %s the machine does what the table says, event by event", (state) => {
    for (const type of eventTypes) {
      const outcome = outcomes[state][type];
      const { delivered, ...went } = walk(state, type, variant);
      expect({ type, state: went.state }).toEqual({ type, state: expectedState(state, outcome, variant) });
      expect({ type, delivered }).toEqual({ type, delivered: outcome === "delivered" ? [type] : [] });
      const untouched = outcome === "ignored" || outcome === "superseded" || typeof outcome === "object";
      if (untouched && !(typeof outcome === "object" && "auto" in outcome)) {
        expect({ type, contextKept: went.contextKept }).toEqual({ type, contextKept: true });
      }
      if (outcome === "kept") expect({ type, contextKept: went.contextKept }).toEqual({ type, contextKept: false });
    }
  });
});

test("every state that the machine has is in the table, and no other", () => {
  const found: string[] = [];
  const collect = (node: { readonly states: Record<string, typeof node> }, path: readonly string[]): void => {
    const children = Object.entries(node.states);
    if (children.length === 0) found.push(path.join("."));
    for (const [name, child] of children) collect(child, [...path, name]);
  };
  collect(connectionMachine.root as unknown as Parameters<typeof collect>[0], []);
  expect(found.sort()).toEqual([...connectionStates].sort());
});

test("every event that a transition of the machine names is in the table", () => {
  const named = new Set<string>(connectionMachine.events.filter((type) => !type.startsWith("xstate.")));
  expect([...named].filter((type) => !(type in events))).toEqual([]);
});
