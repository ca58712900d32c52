import { expect, test } from "vitest";
import { quiet, received, startRecorder, typesReceived } from "../test/recorder.ts";
import { exit, exited, isRunning, kill } from "./exit.ts";
import { crashed, killed, noproc, normal, shutdown } from "./exit-reason.ts";
import { link, unlink } from "./link.ts";
import { silentLogger } from "./logger.ts";
import { processInfo } from "./process-info.ts";
import { makeRuntime } from "./runtime.ts";
import { settle } from "./simulated-time.ts";
import { stop } from "./stop.ts";
import { whereis } from "./whereis.ts";

const boom = crashed("boom");

test("S3: shutdown over a link ends a process that does not trap; normal does not", async () => {
  const [a, b, c] = [await startRecorder(), await startRecorder(), await startRecorder()];
  link(a, b);
  link(c, b);
  await stop(a, "normal");
  await settle();
  expect(isRunning(b)).toBe(true);
  const end = exited(b);
  exit(c, shutdown("x"));
  expect(await end).toEqual(shutdown("x"));
});

test("S4: a reason passes unchanged along a chain of 200 links", async () => {
  const chain = await Promise.all(Array.from({ length: 200 }, () => startRecorder()));
  chain.reduce((previous, next) => {
    link(previous, next);
    return next;
  });
  const ends = chain.map((ref) => exited(ref));
  chain[0]?.send({ type: "crash", error: "boom" });
  expect(await Promise.all(ends)).toEqual(chain.map(() => boom));
});

test("S5: a process that traps exits stops the propagation", async () => {
  const [a, wall, c] = [await startRecorder(), await startRecorder({ trap: true }), await startRecorder()];
  link(a, wall);
  link(wall, c);
  kill(a);
  await settle();
  expect([isRunning(wall), isRunning(c)]).toEqual([true, true]);
  expect(received(wall, "otp.exit")).toEqual([{ type: "otp.exit", from: a, reason: killed }]);
});

test("S6: a link is symmetric and one, however often it is made; one unlink removes it", async () => {
  const [a, b] = [await startRecorder({ trap: true }), await startRecorder({ trap: true })];
  link(a, b);
  link(b, a);
  expect(processInfo(a).links).toEqual([b]);
  unlink(b, a);
  expect([processInfo(a).links, processInfo(b).links]).toEqual([[], []]);
  link(a, b);
  link(a, b);
  kill(b);
  link(a, b); // dead already, and its signal is on its way
  await settle();
  expect(received(a, "otp.exit")).toHaveLength(1);
});

test("S7: linking to a dead process sends noproc: a trapping caller hears it, another ends", async () => {
  const [dead, trapping, plain] = [await startRecorder(), await startRecorder({ trap: true }), await startRecorder()];
  kill(dead);
  link(trapping, dead);
  const end = exited(plain);
  link(plain, dead);
  expect(await end).toEqual(noproc);
  expect(received(trapping)).toEqual([{ type: "otp.exit", from: dead, reason: noproc }]);
});

test("S8: a trapping process receives every reason, normal too, in order with other messages", async () => {
  const [a, b, trapping] = [await startRecorder(), await startRecorder(), await startRecorder({ trap: true })];
  link(a, trapping);
  link(b, trapping);
  trapping.send({ type: "before" });
  exit(a, normal, a);
  kill(b);
  await settle();
  trapping.send({ type: "after" });
  expect(received(trapping)).toEqual([
    { type: "before" },
    { type: "otp.exit", from: b, reason: killed },
    { type: "otp.exit", from: a, reason: normal },
    { type: "after" },
  ]);
});

test("S13: after unlink no later death is heard, one in the mailbox already stays", async () => {
  const [a, b, trapping] = [await startRecorder(), await startRecorder(), await startRecorder({ trap: true })];
  link(a, trapping);
  link(b, trapping);
  kill(a);
  unlink(trapping, a); // its signal has not arrived yet, and does not any more
  kill(b);
  await settle();
  unlink(trapping, b);
  expect(received(trapping).map((event) => event["from"])).toEqual([b]);
});

test("S14: what a process sent before it died arrives before its exit signal", async () => {
  const [dying, observer] = [await startRecorder(), await startRecorder({ trap: true })];
  link(dying, observer);
  dying.send({
    type: "run",
    run: () => {
      observer.send({ type: "last words" });
      kill(dying);
    },
  });
  await settle();
  expect(typesReceived(observer)).toEqual(["last words", "otp.exit"]);
});

test("S170: an observer that throws at an exit signal keeps nobody else from hearing of it", async () => {
  const [dying, bad, good] = [
    await startRecorder(),
    await startRecorder({ trap: true }),
    await startRecorder({ trap: true }),
  ];
  bad.subscribe({
    next: () => {
      bad.send({ type: "crash", error: "observer" });
    },
    error: () => {},
  });
  link(dying, bad);
  link(dying, good);
  const waited = exited(dying);
  kill(dying);
  await waited;
  expect(isRunning(bad)).toBe(false);
  expect(received(good, "otp.exit")).toHaveLength(1);
});

test("S170: an inspector that throws leaves no death half done and keeps nobody from hearing of it", async () => {
  const lines: string[] = [];
  const logger = { ...silentLogger, error: (_: object, message: string) => void lines.push(message) };
  const runtime = makeRuntime({ clock: quiet.clock, logger });
  const bad = await startRecorder({ runtime, trap: true, name: "link.test inspected" });
  const [dying, good] = [await startRecorder(), await startRecorder({ trap: true })];
  link(dying, bad);
  link(dying, good);
  bad.system.inspect(() => {
    throw new Error("inspector");
  });
  kill(dying);
  await settle();
  expect(received(good, "otp.exit")).toHaveLength(1);
  expect(lines).toEqual([expect.stringMatching(/a delivery to it threw$/)]);
  const end = exited(bad);
  kill(bad);
  expect(whereis("link.test inspected")).toBeUndefined();
  expect(await end).toEqual(killed);
});
