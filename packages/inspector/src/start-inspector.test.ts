import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer } from "node:http";
import { channelNames, kill, makeRuntime, send, silentLogger, sys, whereis } from "@trunkline/process";
import { Supervisor, type SupervisorRef } from "@trunkline/supervisor";
import { afterEach, expect, test } from "vitest";
import { createActor, createMachine } from "xstate";
import { PageClient } from "../test/page-client.ts";
import { inspector } from "./inspector.ts";
import { type Inspector, type InspectorOptions, startInspector } from "./start-inspector.ts";

const order = createMachine({
  id: "order",
  context: { lsn: 2n ** 60n + 1n, password: "hunter2" },
  initial: "open",
  states: {
    open: { on: { pay: "paid" } },
    paid: { on: { open: "open" } },
  },
  on: {
    fail: {
      actions: () => {
        throw new Error("the till is stuck");
      },
    },
  },
});

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function shop(restart: "permanent" | "temporary" = "permanent"): Promise<SupervisorRef> {
  const app = await Supervisor.startLink([{ id: "order", start: { logic: order }, name: "order", restart }], {
    strategy: "one_for_one",
    name: "shop",
    runtime: makeRuntime({ logger: silentLogger }),
  });
  undo.push(() => kill(app));
  return app;
}

async function inspected(app: SupervisorRef, options: InspectorOptions = {}): Promise<Inspector> {
  const started = await startInspector(app, { port: 0, logger: silentLogger, ...options });
  undo.push(() => started.close());
  return started;
}

function open(url: string, options: ConstructorParameters<typeof PageClient>[1] = {}): PageClient {
  const page = new PageClient(url, options);
  undo.push(() => page.close());
  return page;
}

test("a page is told who it looks at, and shown the whole tree with states, names and budget", async () => {
  const page = open((await inspected(await shop(), { app: "shop 1" })).url);
  expect(await page.frame("hello")).toMatchObject({ wire: 1, app: "shop 1", pid: process.pid, control: false });
  const { procs } = await page.frame("tree");
  expect(procs).toMatchObject([
    { id: "shop", type: "supervisor", strategy: "one_for_one", budget: { used: 0, max: 3, seconds: 5 } },
    { id: "order", parent: procs[0]?.ref, name: "order", value: "open", status: "running", restart: "permanent" },
  ]);
});

test("what happens in a tree that was running before reaches the page", async () => {
  const page = open((await inspected(await shop())).url);
  await page.row(({ value }) => value === "open");
  send("order", { type: "pay" });
  await page.row(({ id, value }) => id === "order" && value === "paid");
});

test("the selected process is shown with its statechart, transitions, and its context exact and redacted", async () => {
  const page = open((await inspected(await shop())).url);
  const { ref } = await page.row(({ id }) => id === "order");
  page.send({ t: "select", ref });
  const chart = await page.frame("chart");
  expect(chart.states.map(({ id }) => id)).toEqual(["order", "order.open", "order.paid"]);
  send("order", { type: "pay" });
  const detail = await page.frame("detail", ({ transitions }) => transitions.length > 0);
  expect(detail).toMatchObject({ ref, active: ["order", "order.paid"], eventsSince: 0, sys: { in: 1 } });
  const edge = chart.edges.find(({ event }) => event === "pay");
  expect(detail.transitions).toMatchObject([{ event: "pay", to: "paid", edge: edge?.id }]);
  expect(JSON.parse(detail.context.text)).toEqual({ lsn: "1152921504606846977", password: "[redacted]" });
});

test("a crash is told with its reason, and the new incarnation has the place of the old one", async () => {
  const page = open((await inspected(await shop())).url);
  const { ref } = await page.row(({ id }) => id === "order");
  send("order", { type: "fail" });
  const after = await page.row(({ id, ref: other }) => id === "order" && other !== ref);
  expect(after).toMatchObject({
    status: "running",
    restarts: 1,
    lastExit: { reason: { type: "error", message: "the till is stuck" } },
  });
  await page.until((rows) => !rows.has(ref));
  const crashes = await page.frame("crashes", ({ items }) => items.length > 0);
  expect(crashes.items).toMatchObject([
    {
      n: 1,
      ref,
      path: ["shop", "order"],
      budget: { used: 1, max: 3, seconds: 5 },
    },
  ]);
  expect(crashes.items[0]?.then).toMatchObject({ did: "restarted", ref: after.ref });
});

test("a process that is not started again leaves the tree, and its crash can still be read", async () => {
  const page = open((await inspected(await shop("temporary"))).url);
  const { ref } = await page.row(({ id }) => id === "order");
  send("order", { type: "fail" });
  await page.until((rows) => !rows.has(ref));
  const crashes = await page.frame("crashes", ({ items }) => items.length > 0);
  expect(crashes.items).toMatchObject([{ ref }]);
  expect(crashes.items[0]?.then).toEqual({ did: "not restarted" });
});

test("the end of the whole tree is shown", async () => {
  const app = await shop();
  const page = open((await inspected(app)).url);
  await page.row(({ id }) => id === "order");
  kill(app);
  const ended = await page.row(({ id, status }) => id === "shop" && status === "crashed");
  expect(ended.lastExit).toMatchObject({ reason: { type: "killed" } });
  await page.until((rows) => rows.size === 1);
});

test("nothing of an inspector is left in the tree when it is closed", async () => {
  const app = await shop();
  const started = await startInspector(app, { port: 0, logger: silentLogger });
  const page = open(started.url);
  await page.row(({ id }) => id === "order");
  expect(channel(channelNames.exit).hasSubscribers).toBe(true);
  const gone = page.closed();
  await started.close();
  await gone;
  for (const name of Object.values(channelNames)) expect(channel(name).hasSubscribers, name).toBe(false);
  await expect(fetch(started.url)).rejects.toThrow("fetch failed");
});

test("an inspector is a child like any other: it shows the tree it is in, and its end frees the port", async () => {
  const lines: string[] = [];
  const logger = { ...silentLogger, info: (_fields: object, line: string) => lines.push(line) };
  const app = await Supervisor.startLink([inspector({ port: 0, logger })], {
    strategy: "one_for_one",
    runtime: makeRuntime({ logger: silentLogger }),
  });
  expect(lines).toEqual([expect.stringMatching(/^inspector listening on http:\/\/127\.0\.0\.1:\d+\/\?token=\S+$/)]);
  const url = lines[0]?.split(" ").at(-1) ?? "";
  await open(url).row(({ id }) => id === "inspector");
  await Supervisor.terminateChild(app, "inspector");
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  await Supervisor.restartChild(app, "inspector");
  expect(lines).toHaveLength(2);
  await Supervisor.stop(app);
});

test("a port that was asked for and is taken is an error that says what to do", async () => {
  const app = await shop();
  const { port } = await inspected(app);
  await expect(startInspector(app, { port, logger: silentLogger })).rejects.toMatchObject({
    code: "address_in_use",
    message: expect.stringContaining("Choose another port"),
  });
});

test("when no port was asked for and the usual one is taken, a free one is", async () => {
  const app = await shop();
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.once("error", () => resolve());
    other.listen(7171, "127.0.0.1", resolve);
  });
  undo.push(() => other.close());
  const { port } = await inspected(app, { port: undefined as never });
  expect(port).not.toBe(7171);
  expect(port).toBeGreaterThan(0);
});

test.each([{ port: 70_000 }, { port: 1.5 }, { token: "" }, { host: "" }])("refuses %j", async (options) => {
  await expect(startInspector(await shop(), { ...options, logger: silentLogger })).rejects.toMatchObject({
    code: "invalid_option",
  });
});

test("a process whose metadata throws harms neither itself nor the rest of the page", async () => {
  const app = await shop();
  const child = whereis("order");
  if (child === undefined) throw new Error("The child does not run.");
  sys.provide(child, {
    metadata: () => {
      throw new Error("nothing to tell");
    },
  });
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (_fields: object, line: string) => warnings.push(line) };
  const page = open((await inspected(app, { logger })).url);
  send("order", { type: "pay" });
  await page.row(({ id, value }) => id === "order" && value === "paid");
  expect(warnings.length).toBeGreaterThan(0);
  expect(child.getSnapshot().status).toBe("active");
});

test("the address of a server is the one it listens on", async () => {
  const { url, port } = await inspected(await shop(), { token: "a b" });
  expect(url).toBe(`http://127.0.0.1:${port}/?token=a%20b`);
});

test("what is no actor is refused, and nothing is left listening", async () => {
  const port = await freePort();
  for (const nothing of [undefined, null, {}, "root"]) {
    const given = nothing as unknown as SupervisorRef;
    await expect(startInspector(given, { port, logger: silentLogger })).rejects.toMatchObject({
      code: "invalid_option",
    });
  }
  await inspected(await shop(), { port });
});

test("a tree that cannot be watched leaves nothing listening", async () => {
  const port = await freePort();
  const broken = { sessionId: "x:0", system: {}, getSnapshot: () => ({}) } as unknown as SupervisorRef;
  await expect(startInspector(broken, { port, logger: silentLogger })).rejects.toThrow(TypeError);
  await inspected(await shop(), { port });
});

test("a tree that had ended before is shown as ended", async () => {
  const plain = createActor(order).start();
  plain.stop();
  const process = await shop();
  await Supervisor.stop(process);
  for (const ended of [plain, process] as SupervisorRef[]) {
    const page = open((await inspected(ended)).url);
    expect((await page.frame("tree")).procs).toMatchObject([{ status: "stopped" }]);
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("A port was expected.");
  return address.port;
}
