import { expect, test } from "vitest";
import { received, startRecorder, typesReceived } from "../test/recorder.ts";
import { exited, isRunning, kill } from "./exit.ts";
import { crashed, killed, noproc } from "./exit-reason.ts";
import { link } from "./link.ts";
import { demonitor, monitor } from "./monitor.ts";
import { localName } from "./name.ts";
import { recordOf } from "./record.ts";
import { settle } from "./simulated-time.ts";
import { sys } from "./sys.ts";

test("S15, S18: a monitor stacks, fires once for each call, and never ends anybody", async () => {
  const [watched, observer] = [await startRecorder(), await startRecorder()];
  const first = monitor(observer, watched);
  const second = monitor(observer, watched);
  expect(first).not.toBe(second);
  watched.send({ type: "crash", error: "boom" });
  await settle();
  expect(received(observer)).toEqual([
    { type: "otp.down", ref: first, process: watched, reason: crashed("boom") },
    { type: "otp.down", ref: second, process: watched, reason: crashed("boom") },
  ]);
  expect(demonitor(first)).toBe(false);
  kill(observer);
  expect(isRunning(observer)).toBe(false);
});

test("the end of an observer does nothing to what it monitors, which forgets it", async () => {
  const [watched, observer] = [await startRecorder(), await startRecorder()];
  monitor(observer, watched);
  expect(recordOf(watched)?.monitors?.size).toBe(1);
  kill(observer);
  await settle();
  expect(isRunning(watched)).toBe(true);
  expect(recordOf(watched)?.monitors?.size).toBe(0);
});

test("S16: monitoring a dead process or an unknown name answers noproc, as a message", async () => {
  const [dead, observer] = [await startRecorder(), await startRecorder()];
  kill(dead);
  const ofDead = monitor(observer, dead);
  const ofName = monitor(observer, localName("monitor.test nobody"));
  expect(received(observer)).toEqual([]);
  await settle();
  expect(received(observer)).toEqual([
    { type: "otp.down", ref: ofDead, process: dead, reason: noproc },
    { type: "otp.down", ref: ofName, process: "monitor.test nobody", reason: noproc },
  ]);
});

test("S17: demonitor stops a down that is to come; one in the mailbox stays unless it is flushed", async () => {
  const [one, two, three, observer] = [
    await startRecorder(),
    await startRecorder(),
    await startRecorder(),
    await startRecorder(),
  ];
  const [first, second, third] = [monitor(observer, one), monitor(observer, two), monitor(observer, three)];
  expect(demonitor(first)).toBe(true);
  await sys.suspend(observer);
  for (const ref of [one, two, three]) kill(ref);
  await settle();
  demonitor(second);
  demonitor(third, { flush: true });
  await sys.resume(observer);
  expect(received(observer).map((event) => event["ref"])).toEqual([second]);
});

test("S17: a down that is on its way when its monitor ends does not arrive", async () => {
  const [watched, observer] = [await startRecorder(), await startRecorder()];
  const ref = monitor(observer, watched);
  kill(watched);
  expect(demonitor(ref)).toBe(true);
  await settle();
  expect(received(observer)).toEqual([]);
});

test("S14: what a process sent before it died arrives before its down, also when the observer is held", async () => {
  const [dying, observer] = [await startRecorder(), await startRecorder()];
  monitor(observer, dying);
  await sys.suspend(observer);
  dying.send({ type: "run", run: () => observer.send({ type: "last words" }) });
  kill(dying);
  await settle();
  await sys.resume(observer);
  expect(typesReceived(observer)).toEqual(["last words", "otp.down"]);
});

test("S168: death is told in a later turn, to links before monitors before those who wait outside", async () => {
  const [dying, monitoring, linked] = [
    await startRecorder(),
    await startRecorder(),
    await startRecorder({ trap: true }),
  ];
  const heard: string[] = [];
  void exited(dying).then(() => heard.push("exited"));
  monitor(monitoring, dying);
  link(linked, dying);
  monitoring.subscribe((snapshot) => heard.push(...snapshot.context.map((event) => event.type)));
  linked.subscribe((snapshot) => heard.push(...snapshot.context.map((event) => event.type)));
  kill(dying);
  expect(heard).toEqual([]);
  await settle();
  expect(heard).toEqual(["otp.exit", "otp.down", "exited"]);
});

test("exited resolves with the reason, and with noproc when it has ended or was never there", async () => {
  const ref = await startRecorder();
  const [first, second] = [exited(ref), exited(ref)];
  kill(ref);
  expect(await Promise.all([first, second])).toEqual([killed, killed]);
  expect(await exited(ref)).toEqual(noproc);
  expect(await exited("monitor.test nobody")).toEqual(noproc);
});
