import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import { received, startRecorder, typesReceived } from "../test/recorder.ts";
import { call } from "./call.ts";
import { channelNames, type DeadLetter } from "./channels.ts";
import { exit, kill } from "./exit.ts";
import { crashed, killed, noproc } from "./exit-reason.ts";
import { Mailbox } from "./mailbox.ts";
import { MailboxError } from "./mailbox-error.ts";
import { mailboxDepth } from "./process-info.ts";
import { cast, send } from "./send.ts";
import { settle } from "./simulated-time.ts";
import { sys } from "./sys.ts";

async function lettersDuring(run: () => unknown): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const collect = (letter: unknown): void => void letters.push(letter as DeadLetter);
  subscribe(channelNames.deadLetter, collect);
  await run();
  unsubscribe(channelNames.deadLetter, collect);
  return letters;
}

test("the depth of a mailbox counts what waits: while its process is busy, and while it is held", async () => {
  const ref = await startRecorder();
  const depths: number[] = [];
  ref.send({
    type: "run",
    run: () => {
      ref.send({ type: "a" });
      cast(ref, "b");
      depths.push(mailboxDepth(ref));
    },
  });
  depths.push(mailboxDepth(ref));
  await sys.suspend(ref);
  ref.send({ type: "c" });
  send(ref, { type: "d" });
  depths.push(mailboxDepth(ref));
  await sys.resume(ref);
  depths.push(mailboxDepth(ref));
  expect(depths).toEqual([2, 0, 2, 0]);
  expect(typesReceived(ref)).toEqual(["run", "a", "cast", "c", "d"]);
});

test("a message that waits behind a signal is counted once, and not any more when both are handled", async () => {
  const ref = await startRecorder({ trap: true });
  exit(ref, "shutdown");
  cast(ref, 1);
  expect(mailboxDepth(ref)).toBe(1);
  await sys.suspend(ref);
  await settle();
  expect(mailboxDepth(ref)).toBe(2);
  await sys.resume(ref);
  expect(mailboxDepth(ref)).toBe(0);
  expect(typesReceived(ref)).toEqual(["otp.exit", "cast"]);
});

test("a message that waits behind a signal is lost with a dead letter when the process dies first", async () => {
  const ref = await startRecorder({ trap: true });
  const letters = await lettersDuring(() => {
    exit(ref, "shutdown");
    cast(ref, 1);
    kill(ref);
  });
  expect(letters.map(({ message, why }) => [message.type, why])).toEqual([["cast", "lost"]]);
  expect(mailboxDepth(ref)).toBe(0);
});

test("a mailbox with a capacity refuses what is too much, with a type of its own for each way of sending", async () => {
  const ref = await startRecorder({ mailbox: { capacity: 2 } });
  await sys.suspend(ref);
  cast(ref, 1);
  cast(ref, 2);
  const letters = await lettersDuring(async () => {
    expect(() => cast(ref, 3)).toThrow(MailboxError);
    expect(() => send(ref, { type: "x" })).toThrow(expect.objectContaining({ code: "mailbox_full", capacity: 2 }));
    await expect(call(ref, "x")).rejects.toMatchObject({ code: "overloaded" });
    ref.send({ type: "raw" });
  });
  expect(letters.map(({ message, why }) => [message.type, why])).toEqual([
    ["cast", "full"],
    ["x", "full"],
    ["call", "full"],
    ["raw", "full"],
  ]);
  await sys.resume(ref);
  expect(received(ref).map((event) => event["request"])).toEqual([1, 2]);
  cast(ref, 4);
  expect(received(ref)).toHaveLength(3);
});

test("no capacity refuses an exit signal", async () => {
  const ref = await startRecorder({ trap: true, mailbox: { capacity: 1 } });
  await sys.suspend(ref);
  cast(ref, 1);
  exit(ref, "shutdown");
  await settle();
  await sys.resume(ref);
  expect(typesReceived(ref)).toEqual(["cast", "otp.exit"]);
});

test("S147: what cannot be delivered becomes a dead letter with the reason", async () => {
  const [dying, dead] = [await startRecorder(), await startRecorder()];
  kill(dead);
  await sys.suspend(dying);
  const letters = await lettersDuring(() => {
    cast(dying, "waiting");
    kill(dying);
    dead.send({ type: "late" });
    cast("mailbox.test nobody", 1);
  });
  expect(letters).toEqual([
    { target: dying, message: { type: "cast", request: "waiting" }, why: "lost", reason: killed },
    { target: dead, message: { type: "late" }, why: "dead", reason: killed },
    { target: "mailbox.test nobody", message: { type: "cast", request: 1 }, why: "unknown_name", reason: noproc },
  ]);
});

test("messages behind the one that crashed a process become dead letters with its error", async () => {
  const ref = await startRecorder();
  const letters = await lettersDuring(() =>
    ref.send({
      type: "run",
      run: () => {
        ref.send({ type: "behind" });
        throw "boom";
      },
    }),
  );
  expect(letters.map(({ message, why, reason }) => [message.type, why, reason])).toEqual([
    ["behind", "lost", crashed("boom")],
  ]);
});

test("a long queue is counted and drained without losing its order", () => {
  const mailbox = new Mailbox(undefined);
  const messages = Array.from({ length: 5000 }, (_, index) => ({ type: `m${index}` }));
  for (const message of messages) mailbox.sent(message);
  for (const message of messages.slice(0, 4000)) mailbox.taken(message);
  mailbox.taken({ type: "not counted" });
  expect(mailbox.depth).toBe(1000);
  expect(mailbox.drain()).toEqual(messages.slice(4000));
  expect(mailbox.depth).toBe(0);
});

test("a message that was sent behind a signal leaves nothing counted when both are handled", async () => {
  const ref = await startRecorder({ trap: true });
  exit(ref, "shutdown");
  ref.send({ type: "a" });
  expect(mailboxDepth(ref)).toBe(1);
  await settle();
  expect(typesReceived(ref)).toEqual(["otp.exit", "a"]);
  expect(mailboxDepth(ref)).toBe(0);
});
