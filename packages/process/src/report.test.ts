import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test, vi } from "vitest";
import { received, recorderLogic, startRecorder } from "../test/recorder.ts";
import { channelNames, type ProcessExited, type ProcessStarted } from "./channels.ts";
import { emitReport, pidOf } from "./emit-report.ts";
import { exit, kill, trapExit } from "./exit.ts";
import { crashed } from "./exit-reason.ts";
import { link } from "./link.ts";
import { consoleLogger, type Logger } from "./logger.ts";
import { processInfo, setLabel } from "./process-info.ts";
import type { CrashReport, Report, ReportedChild } from "./report.ts";
import { makeRuntime } from "./runtime.ts";
import { SimulatedTime, settle } from "./simulated-time.ts";
import { start, startLink } from "./start.ts";
import { stop } from "./stop.ts";

function logged() {
  const lines: Array<{ level: keyof Logger; fields: Record<string, unknown>; message: string }> = [];
  const method = (level: keyof Logger) => (fields: object, message: string) =>
    void lines.push({ level, fields: { ...fields }, message });
  const logger: Logger = {
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
  };
  return { lines, runtime: makeRuntime({ logger, clock: new SimulatedTime() }) };
}

test("S157: a progress report goes to the logger at info level, with who started what", async () => {
  const { lines, runtime } = logged();
  const supervisor = await startLink({ logic: recorderLogic }, { runtime, id: "app" });
  const started: ReportedChild = {
    id: "worker",
    pid: supervisor,
    restart: "permanent",
    shutdown: 5000,
    type: "worker",
    significant: false,
  };
  emitReport(runtime, { report: "progress", supervisor, started });
  expect(lines).toMatchObject([
    {
      level: "info",
      fields: { report: "progress", supervisor: pidOf(supervisor), started: { id: "worker", restart: "permanent" } },
    },
  ]);
});

test("S158: a supervisor report goes to the logger at error level, with context, reason and offender", async () => {
  const { lines, runtime } = logged();
  const supervisor = await startLink({ logic: recorderLogic }, { runtime, id: "app" });
  const offender: ReportedChild = {
    id: "worker",
    pid: "restarting",
    restart: "transient",
    shutdown: "infinity",
    type: "supervisor",
    significant: true,
  };
  const base = { report: "supervisor", supervisor, offender } as const;
  emitReport(runtime, { ...base, errorContext: "child_terminated", reason: crashed("boom") });
  emitReport(runtime, { ...base, errorContext: "shutdown", reason: "reached_max_restart_intensity" });
  expect(lines.map(({ level, message }) => [level, message])).toEqual([
    ["error", `Supervisor ${pidOf(supervisor)}: child_terminated of worker (restarting): error (boom)`],
    ["error", `Supervisor ${pidOf(supervisor)}: shutdown of worker (restarting): reached_max_restart_intensity`],
  ]);
});

test("S159: a crash is reported before any observer hears of it, with all that is known of the process", async () => {
  const { lines, runtime } = logged();
  const parent = await startLink({ logic: recorderLogic }, { runtime });
  trapExit(parent);
  const child = await startRecorder({ parent, name: "report.test child", id: "child" });
  setLabel(child, "does the work");
  const reports: Report[] = [];
  const collect = (report: unknown): void => {
    expect(received(parent)).toEqual([]);
    reports.push(report as Report);
  };
  subscribe(channelNames.report, collect);
  child.send({
    type: "run",
    password: "hunter2",
    run: () => {
      child.send({ type: "behind" });
      throw new Error("boom");
    },
  });
  unsubscribe(channelNames.report, collect);
  await settle();
  const [report] = reports as CrashReport[];
  expect(report).toMatchObject({
    report: "crash",
    process: child,
    reason: { type: "error", error: { message: "boom" } },
    initialCall: "child",
    registeredNames: ["report.test child"],
    ancestors: [parent],
    messageQueueLength: 1,
    links: [parent],
    trapExit: false,
    lastMessage: { type: "run", password: "[redacted]" },
    label: "does the work",
  });
  expect(lines).toMatchObject([
    {
      level: "error",
      message: `Process ${pidOf(child)} ended: error (Error: boom)`,
      fields: { report: "crash", ancestors: [pidOf(parent)], err: { message: "boom" } },
    },
  ]);
  expect(received(parent, "otp.exit")).toHaveLength(1);
});

test("S160: clean ends are not reported, nor is a child that was ended by another", async () => {
  const { lines, runtime } = logged();
  const parent = await startLink({ logic: recorderLogic }, { runtime });
  const child = await start({ logic: recorderLogic }, { parent });
  kill(child);
  await stop(parent, "shutdown");
  await settle();
  expect(lines).toEqual([]);
});

test("a process without a parent that ends abnormally is always reported, at error level", async () => {
  const { lines, runtime } = logged();
  const [first, linked] = [
    await startLink({ logic: recorderLogic }, { runtime }),
    await startLink({ logic: recorderLogic }, { runtime }),
  ];
  link(first, linked);
  exit(first, crashed("boom"));
  await settle();
  kill(await startLink({ logic: recorderLogic }, { runtime }));
  expect(lines.map(({ level, fields }) => [level, fields["reason"]])).toEqual([
    ["error", "error (boom)"],
    ["error", "error (boom)"],
    ["error", "killed"],
  ]);
});

test("S161: ancestors, initial call and label are kept for each process", async () => {
  const parent = await startRecorder();
  const child = await startRecorder({ parent, label: "first label", id: "one" });
  expect(processInfo(child)).toMatchObject({ ancestors: [parent], initialCall: "one", label: "first label" });
  setLabel(child, "second label");
  expect(processInfo(child).label).toBe("second label");
});

test("starts and exits are published, an exit when names are free and the scope is released", async () => {
  const events: string[] = [];
  const started = (event: unknown): void => void events.push(`start ${(event as ProcessStarted).process.id}`);
  const ended = (event: unknown): void => {
    const { process, reason } = event as ProcessExited;
    events.push(`exit ${process.id} ${reason.type} ${processInfo(process).registeredNames.length}`);
  };
  subscribe(channelNames.start, started);
  subscribe(channelNames.exit, ended);
  const ref = await startRecorder({ id: "seen", name: "report.test seen" });
  kill(ref);
  unsubscribe(channelNames.start, started);
  unsubscribe(channelNames.exit, ended);
  expect(events).toEqual(["start seen", "exit seen killed 0"]);
});

test("a logger that throws does not change how a process ends", async () => {
  const logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: () => {
      throw new Error("logger");
    },
  };
  const ref = await startLink({ logic: recorderLogic }, { runtime: makeRuntime({ logger }) });
  kill(ref);
  expect(processInfo(ref).status).toBe("exited");
});

test("the console logger writes from its level on, the sentence first", () => {
  const console = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const logger = consoleLogger({ console });
  logger.debug({}, "d");
  logger.info({}, "i");
  logger.warn({ a: 1 }, "w");
  logger.error({}, "e");
  expect([console.debug, console.info].map((method) => method.mock.calls)).toEqual([[], []]);
  expect(console.warn).toHaveBeenCalledWith("w { a: 1 }");
  expect(console.error).toHaveBeenCalledWith("e {}");
  consoleLogger({ console, level: "debug" }).debug({}, "d");
  expect(console.debug).toHaveBeenCalledWith("d {}");
});

test("the console logger writes an error once, as err; where it is repeated its name and message stand", () => {
  const console = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const cause = new RangeError("too far");
  const err = new Error("the handler failed\nin two lines", { cause });
  const other = new TypeError("another");
  const state = { last: { error: err }, reasons: [cause, other], map: new Map([["a", 1]]) };
  consoleLogger({ console }).error({ err, reason: { type: "error", error: err }, state }, "It ended");
  const written = String(console.error.mock.calls[0]?.[0]);
  expect(written).toContain("reason: { type: 'error', error: [Error: the handler failed …] }");
  expect(written).toContain("last: { error: [Error: the handler failed …] }");
  expect(written).toContain("[RangeError: too far],");
  expect(written).toContain("map: Map(1) { 'a' => 1 }");
  expect(written.match(/Error: the handler failed\n/g)).toHaveLength(1);
  expect(written.match(/RangeError: too far\n/g)).toHaveLength(1);
  expect(written.match(/TypeError: another\n/g)).toHaveLength(1);
  expect(written.indexOf("err: Error")).toBeGreaterThan(written.indexOf("state:"));
});

test("the console logger writes errors that cause each other", () => {
  const console = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const err = new Error("a");
  err.cause = new Error("b", { cause: err });
  const state: Record<string, unknown> = { err };
  state.itself = state;
  Object.defineProperty(state, "getter", {
    enumerable: true,
    get: () => {
      throw new Error("no report may run this");
    },
  });
  consoleLogger({ console }).error({ err, state }, "It ended");
  expect(String(console.error.mock.calls[0]?.[0])).toContain("err: [Error: a]");
  expect(String(console.error.mock.calls[0]?.[0])).toContain("getter: [Getter]");
});
