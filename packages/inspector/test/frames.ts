import type { Chart, Crashes, Detail, Hello, Plots, Proc, ServerFrame, Tree } from "../src/wire.ts";

/** The server's time in all of these frames. */
export const now = Date.UTC(2026, 10, 22, 3, 12, 47);
const upMs = 187_200_000;

const process = (ref: string, parent: string | undefined, id: string, rest: Partial<Proc> = {}): Proc => ({
  ref,
  ...(parent === undefined ? {} : { parent }),
  id,
  kind: "worker",
  type: "worker",
  status: "running",
  value: "",
  mailbox: 0,
  restarts: 0,
  startedAt: now - upMs,
  restart: "permanent",
  shutdown: 5000,
  suspended: false,
  detail: [],
  ...rest,
});

const workers = [
  "idle",
  "rendering",
  "idle",
  "rendering",
  "idle",
  "uploading",
  "rendering",
  "idle",
  "restarting",
  "uploading",
];

/** A tree like that of a real program: subscriptions, a pool of workers, one of them restarting. */
export const tree: Tree = {
  t: "tree",
  seq: 1,
  procs: [
    process("x:0", undefined, "app", {
      kind: "supervisor",
      type: "supervisor",
      strategy: "one_for_one",
      budget: { used: 1, max: 3, seconds: 5, at: [now - 2700] },
      children: { count: 5 },
      detail: ["children"],
    }),
    process("x:1", "x:0", "orders", {
      kind: "subscription",
      value: "running",
      shutdown: 10_000,
      detail: ["answer", "ladder", "plots"],
    }),
    process("x:2", "x:1", "connection", {
      kind: "connection",
      value: "connected.streaming",
      chart: "connection",
      shutdown: 10_000,
    }),
    process("x:3", "x:1", "dispatcher", { value: "busy", mailbox: 38 }),
    process("x:4", "x:1", "sampler", { value: "waiting" }),
    process("x:5", "x:0", "invoices", {
      kind: "subscription",
      value: "streaming",
      restarts: 1,
      startedAt: now - 2700,
      lastExit: {
        at: now - 2700,
        downMs: 23,
        reason: { type: "error", name: "TypeError", code: "HandlerFailed", message: "Cannot read properties of null" },
      },
    }),
    process("x:6", "x:0", "workers", {
      kind: "DynamicSupervisor",
      type: "supervisor",
      strategy: "one_for_one",
      budget: { used: 0, max: 10, seconds: 60, at: [] },
      children: { count: workers.length, max: 50 },
      detail: ["children"],
    }),
    ...workers.map((value, index) =>
      process(`x:${10 + index}`, "x:6", `worker-${String(index + 1).padStart(2, "0")}`, {
        value,
        restart: "transient",
        status: value === "restarting" ? "restarting" : "running",
        mailbox: value === "rendering" ? 3 : 0,
        restarts: value === "restarting" ? 1 : 0,
      }),
    ),
    process("x:7", "x:0", "inspector", { kind: "inspector", value: "1 page" }),
    process("x:8", "x:0", "health", { kind: "health check", value: "waiting", restart: "transient" }),
  ],
};

/** The first frame. */
export const hello: Hello = {
  t: "hello",
  wire: 1,
  app: "demo",
  pid: 48113,
  node: "v24.4.0",
  startedAt: now - upMs,
  now,
  control: false,
  recordingFrom: now - upMs,
};

const states = (
  list: readonly (readonly [id: string, parent?: string | undefined, kind?: "compound" | "final"])[],
): Chart["states"] =>
  list.map(([id, parent, kind]) => ({
    id,
    key: id.slice(id.lastIndexOf(".") + 1),
    kind: kind ?? "atomic",
    ...(parent === undefined ? {} : { parent }),
    ...(id === "connection" ? { initial: "connection.connecting" } : {}),
    ...(id === "connection.connected" ? { initial: "connection.connected.idle" } : {}),
  }));

const edge = (from: string, to: string, event: string, rest: { readonly afterMs?: number } = {}) => ({
  id: `${from}>${event}`,
  from: `connection.${from}`,
  to: [`connection.${to}`],
  event,
  ...rest,
});

/** The statechart of a connection. */
export const chart: Chart = {
  t: "chart",
  id: "connection",
  states: states([
    ["connection", undefined, "compound"],
    ["connection.connecting", "connection"],
    ["connection.authenticating", "connection"],
    ["connection.connected", "connection", "compound"],
    ["connection.connected.querying", "connection.connected"],
    ["connection.connected.idle", "connection.connected"],
    ["connection.connected.startingStream", "connection.connected"],
    ["connection.connected.streaming", "connection.connected"],
    ["connection.connected.stoppingStream", "connection.connected"],
    ["connection.closing", "connection"],
    ["connection.backingOff", "connection"],
    ["connection.stopped", "connection", "final"],
  ]),
  edges: [
    edge("connecting", "authenticating", "open"),
    edge("authenticating", "connected", "ready"),
    edge("connected.idle", "connected.querying", "query"),
    edge("connected.querying", "connected.idle", "result"),
    edge("connected.idle", "connected.startingStream", "stream"),
    edge("connected.startingStream", "connected.streaming", "copyBoth"),
    edge("connected.streaming", "connected.stoppingStream", "stopStream"),
    edge("connected.stoppingStream", "connected.idle", "copyDone"),
    edge("connected", "closing", "disconnect"),
    edge("closing", "backingOff", "retry"),
    edge("closing", "stopped", "stop"),
    edge("backingOff", "connecting", "xstate.after.500", { afterMs: 500 }),
  ],
};

const started = now - 2_499_000;
const taken = (from: string, event: string, to: string) => ({ at: started, edge: `${from}>${event}`, event, to });

/** What is shown of `orders`: its handler has held a transaction for 14 seconds. */
export const held: Detail = {
  t: "detail",
  ref: "x:1",
  of: "x:2",
  at: now,
  active: ["connection", "connection.connected", "connection.connected.streaming"],
  since: started,
  eventsSince: 15_602,
  transitions: [
    taken("connected.startingStream", "copyBoth", "connected.streaming"),
    taken("connected.idle", "stream", "connected.startingStream"),
    taken("authenticating", "ready", "connected.idle"),
    taken("connecting", "open", "authenticating"),
    taken("backingOff", "xstate.after.500", "connecting"),
    taken("closing", "retry", "backingOff"),
    { at: started, event: "57P01", to: "closing" },
  ],
  context: { text: '{\n  "slot": "orders_sub",\n  "durable": "0/3A41C0E8",\n  "open": 38\n}', cut: false },
  sys: { in: 15_644, out: 38, suspended: false },
  answer: {
    code: "handler_busy",
    tone: "held",
    question: "Why isn’t my slot advancing?",
    sentence: "Your handler has held transaction 48211 for 14.2 s.",
    because: "37 later transactions are done, but a slot is acknowledged in commit order and cannot pass 0/3A42F0A8.",
    todo: "See what `onTransaction` is awaiting. Restarting orders is safe: 38 transactions come again, none is lost.",
    at: now - 800,
    heldGap: 2,
  },
  ladder: {
    rungs: [
      { key: "end", label: "WAL end", gloss: "on the server", side: "server", lsn: "0/3A7F21C8", at: now - 800 },
      { key: "received", label: "received", gloss: "arrived here", side: "here", lsn: "0/3A7F1F40", at: now },
      { key: "dispatched", label: "dispatched", gloss: "handed over", side: "here", lsn: "0/3A7E8A10", at: now },
      { key: "durable", label: "durable", gloss: "handled in order", side: "here", lsn: "0/3A41C0E8", at: now },
      { key: "acked", label: "acked", gloss: "reported back", side: "here", lsn: "0/3A41C0E8", at: now },
      { key: "confirmed", label: "confirmed_flush", gloss: "agreed", side: "server", lsn: "0/3A41C0E8", at: now - 800 },
      { key: "restart", label: "restart_lsn", gloss: "oldest kept", side: "server", lsn: "0/39F00D58", at: now - 800 },
    ],
    gaps: [
      { bytes: 648, text: "on the wire" },
      { bytes: 38_192, text: "queued in this process" },
      { bytes: 3_983_656, text: "in your handler, 1 of 38 open" },
      { bytes: 0, text: "to acknowledge" },
      { bytes: 0, text: "to be confirmed" },
      { bytes: 5_358_480, text: "kept so the slot can restart" },
    ],
    kept: { bytes: 9_380_976, maxBytes: 1_073_741_824, bytesPerSecond: 280_576, fullInMs: 3_780_000 },
  },
};

/** Two minutes of figures, one a second; the last fourteen seconds nothing became durable. */
export const plots: Plots = (() => {
  const seconds = Array.from({ length: 120 }, (_, index) => index);
  const wave = (second: number): number => 1200 + Math.round(90 * Math.sin(second * 1.7) + 60 * Math.sin(second * 0.6));
  const heldFor = (second: number): number => Math.max(0, second - 105);
  return {
    t: "plots",
    ref: "x:1",
    from: now - 120_000,
    stepMs: 1000,
    whole: true,
    bands: [{ from: now - 14_200, text: "Your handler holds a transaction." }],
    plots: [
      {
        key: "changes",
        title: "Changes/s",
        unit: "changes/s",
        series: [
          { key: "in", label: "in", values: seconds.map(wave) },
          { key: "durable", label: "durable", values: seconds.map((at) => (heldFor(at) > 0 ? 0 : wave(at - 0.4))) },
        ],
      },
      {
        key: "lagBytes",
        title: "Lag in bytes",
        unit: "bytes",
        series: [{ key: "lag", label: "lag", values: seconds.map((at) => 60_000 + heldFor(at) * 280_576) }],
      },
      {
        key: "lagMs",
        title: "Lag in seconds",
        unit: "seconds",
        series: [{ key: "lag", label: "lag", values: seconds.map((at) => 0.2 + heldFor(at)) }],
      },
    ],
  };
})();

const crash = (n: number, path: readonly string[], agoMs: number, code: string, message: string) => ({
  n,
  at: now - agoMs,
  ref: `x:9${n}`,
  path: ["app", ...path],
  reason: {
    type: "error" as const,
    name: "TypeError",
    code,
    message,
    stack: ["at onTransaction (src/invoices.ts:41:27)", "at dispatcher.run (subscription:212:9)"],
  },
  // biome-ignore lint/suspicious/noThenProperty: the wire's own word, on a value that nobody awaits
  then: { did: "restarted" as const, afterMs: 23, ref: "x:5" },
  budget: { used: 1, max: 3, seconds: 5 },
});

/** What died lately. */
export const crashes: Crashes = {
  t: "crashes",
  items: [
    crash(5, ["invoices"], 2700, "HandlerFailed", "Cannot read properties of null (reading ‘customerId’)"),
    crash(4, ["workers", "worker-09"], 6200, "ETIMEDOUT", "upload to bucket thumbs: no answer in 5 s"),
    crash(3, ["workers", "worker-07"], 840_000, "RangeError", "Invalid typed array length: 4294967295"),
    crash(2, ["workers", "worker-07"], 841_000, "RangeError", "Invalid typed array length: 4294967295"),
  ],
};

/** Everything a page is sent that opens the program at this moment. */
export const greeting: readonly ServerFrame[] = [hello, tree, chart, crashes];
