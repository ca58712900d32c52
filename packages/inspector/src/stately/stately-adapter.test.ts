import { on, once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createWebSocketReceiver } from "@statelyai/inspect";
import { createInspectorServer } from "@statelyai/inspect/server";
import { makeRuntime, send, silentLogger } from "@trunkline/process";
import { Supervisor } from "@trunkline/supervisor";
import { afterEach, expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { assign, createActor, createMachine } from "xstate";
import type { StatelyFrame } from "./frames.ts";
import { type StatelyAdapter, statelyAdapter } from "./stately-adapter.ts";

const lsn = 2n ** 60n + 1n;
const exact = "1152921504606846977";

const reader = createMachine({
  id: "reader",
  context: { lsn: 0n, password: "hunter2", body: Buffer.alloc(70_000) },
  initial: "idle",
  states: { idle: { on: { read: { target: "reading", actions: assign({ lsn: () => lsn }) } } }, reading: {} },
});

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("A port was expected.");
  return address.port;
}

/** Stately's own relay on a port, and what its own receiver gets from it. */
async function relay(port: number): Promise<{ readonly url: string; readonly next: Waiter }> {
  const server = createInspectorServer({ port, autoOpen: false });
  undo.push(() => server.stop());
  const url = `ws://localhost:${port}`;
  await reachable(url);
  const seen: StatelyFrame[] = [];
  let wake = (): void => {};
  createWebSocketReceiver({ server: url }).subscribe((frame) => {
    seen.push(frame as unknown as StatelyFrame);
    wake();
  });
  return {
    url,
    async next(fits) {
      for (;;) {
        const found = seen.find(fits);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

type Waiter = (fits: (frame: StatelyFrame) => boolean) => Promise<StatelyFrame>;

// Listens as soon as it can be connected to.
async function reachable(url: string): Promise<void> {
  for (;;) {
    const probe = new WebSocket(url);
    const isOpen = await new Promise<boolean>((resolve) => {
      probe.on("open", () => resolve(true));
      probe.on("error", () => resolve(false));
    });
    probe.terminate();
    if (isOpen) return;
  }
}

function adapter(options: Parameters<typeof statelyAdapter>[0]): StatelyAdapter {
  const made = statelyAdapter(options);
  undo.push(() => made.close());
  return made;
}

const tree = (inspect?: StatelyAdapter["inspect"]) =>
  Supervisor.startLink([{ id: "reader", start: { logic: reader }, name: "reader" }], {
    strategy: "one_for_one",
    name: "root",
    runtime: makeRuntime({ logger: silentLogger }),
    ...(inspect === undefined ? {} : { inspect }),
  });

test("a running tree shows through Stately's own server, with its positions exact", async () => {
  const { url, next } = await relay(await freePort());
  const app = await tree();
  undo.push(() => Supervisor.stop(app));
  const { attach } = adapter({ url });
  attach(app);
  const root = await next((frame) => frame.type === "@xstate.actor" && frame.name === "root");
  const child = await next((frame) => frame.type === "@xstate.actor" && frame.name === "reader");
  expect(child).toMatchObject({ parentId: root.sessionId, rootId: root.sessionId, snapshot: { value: "idle" } });
  expect(child.type === "@xstate.actor" && JSON.parse(child.definition)).toMatchObject({
    id: "reader",
    states: { idle: {}, reading: {} },
  });
  send("reader", { type: "read" });
  expect(await next((frame) => frame.type === "@xstate.event" && frame.sessionId === child.sessionId)).toMatchObject({
    event: { type: "read" },
  });
  const after = await next((frame) => frame.type === "@xstate.snapshot" && frame.sessionId === child.sessionId);
  expect(after).toMatchObject({
    snapshot: {
      status: "active",
      value: "reading",
      context: { lsn: exact, password: "[redacted]", body: "[70000 bytes]" },
    },
  });
});

test("when its connection is lost it connects again, and tells of every actor that runs", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  undo.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { attach } = adapter({ url: `ws://127.0.0.1:${port}` });
  const app = await tree();
  undo.push(() => Supervisor.stop(app));
  attach(app);
  const [first] = (await once(server, "connection")) as [WebSocket];
  first.terminate();
  const [second] = (await once(server, "connection")) as [WebSocket];
  const names = new Set<string>();
  for await (const [data] of on(second, "message") as AsyncIterable<[Buffer]>) {
    names.add((JSON.parse(String(data)) as { name: string }).name);
    if (names.size === 2) break;
  }
  expect([...names]).toEqual(["root", "reader"]);
});

test("it is XState's own inspect option of any root, of this library or not", async () => {
  const frames: StatelyFrame[] = [];
  const { inspect } = adapter({ send: (frame) => frames.push(frame) });
  const actor = createActor(reader, { id: "plain", inspect }).start();
  actor.send({ type: "read" });
  actor.stop();
  const app = await tree(inspect);
  await Supervisor.stop(app);
  const actors = frames.filter(({ type }) => type === "@xstate.actor");
  expect(actors).toMatchObject([{ name: "plain" }, { name: "root" }, { name: "reader" }]);
  expect(frames.find(({ type }) => type === "@xstate.snapshot")).toMatchObject({
    event: { type: "xstate.init" },
  });
  expect(JSON.stringify(frames)).toContain(exact);
  expect(JSON.stringify(frames)).not.toContain("hunter2");
});

test("an adapter that cannot send harms nobody", () => {
  const { inspect } = adapter({
    send: () => {
      throw new Error("full");
    },
  });
  const actor = createActor(reader, { inspect }).start();
  actor.send({ type: "read" });
  expect(actor.getSnapshot()).toMatchObject({ status: "active", value: "reading" });
  actor.stop();
});

test("a part of a definition that stands in two places is told in both, and a ring ends", () => {
  const away = { leave: { target: "#shared.b", meta: { note: () => {} } } };
  const ring: { self?: unknown } = {};
  ring.self = ring;
  const shared = createMachine({
    id: "shared",
    initial: "a",
    states: { a: { on: away, meta: ring }, b: { on: away } },
  });
  const frames: StatelyFrame[] = [];
  const actor = createActor(shared, { inspect: adapter({ send: (frame) => frames.push(frame) }).inspect }).start();
  actor.stop();
  const told = frames.find((frame) => frame.type === "@xstate.actor");
  const { states } = JSON.parse(told?.type === "@xstate.actor" ? told.definition : "") as { states: object };
  const leave = { target: "#shared.b", meta: { note: { type: "note" } } };
  expect(states).toEqual({ a: { on: { leave }, meta: {} }, b: { on: { leave } } });
});
