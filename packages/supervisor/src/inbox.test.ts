import { settle } from "@trunkline/process";
import { expect, test } from "vitest";
import { Inbox } from "./inbox.ts";

interface Message {
  readonly name: string;
  readonly until?: Promise<void>;
}

function recorded() {
  const log: string[] = [];
  const failures: unknown[] = [];
  const inbox = new Inbox<Message>(
    ({ name, until }) => {
      log.push(name);
      if (name === "bad") throw new Error("bad");
      return until?.then(() => void log.push(`${name} done`));
    },
    (error) => failures.push(error),
  );
  return { inbox, log, failures };
}

function gate(): { until: Promise<void>; open: () => void } {
  let open = (): void => {};
  const until = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { until, open };
}

test("S166: a message is handled to its end before the next is looked at, however long that takes", async () => {
  const { inbox, log } = recorded();
  const { until, open } = gate();
  for (const message of [{ name: "a" }, { name: "slow", until }, { name: "b" }]) inbox.push(message);
  await settle();
  expect(log).toEqual(["a", "slow"]);
  expect(inbox.depth).toBe(1);
  open();
  await settle();
  expect(log).toEqual(["a", "slow", "slow done", "b"]);
  expect(inbox.depth).toBe(0);
});

test("nothing is handled in the call stack of the sender, nor after it was closed", async () => {
  const { inbox, log } = recorded();
  inbox.push({ name: "a" });
  expect(log).toEqual([]);
  inbox.close();
  inbox.push({ name: "b" });
  await settle();
  expect(log).toEqual([]);
});

test("an error that handling lets through closes it and is told", async () => {
  const { inbox, log, failures } = recorded();
  inbox.push({ name: "bad" });
  inbox.push({ name: "b" });
  await settle();
  expect(log).toEqual(["bad"]);
  expect(failures).toEqual([new Error("bad")]);
});

test("ten thousand waiting messages keep their order", async () => {
  const { inbox, log } = recorded();
  const names = Array.from({ length: 10_000 }, (_, index) => String(index));
  for (const name of names) inbox.push({ name });
  await settle();
  expect(log).toEqual(names);
});

test("S155: suspended it keeps what arrives, and goes on with it in order; the last message is handled at once", async () => {
  const { inbox, log } = recorded();
  inbox.suspend();
  inbox.push({ name: "a" });
  inbox.push({ name: "b" });
  await settle();
  expect(log).toEqual([]);
  inbox.resume();
  await settle();
  expect(log).toEqual(["a", "b"]);
  inbox.suspend();
  inbox.push({ name: "lost" });
  inbox.pushLast({ name: "end" });
  await settle();
  expect(log).toEqual(["a", "b", "end"]);
});

test("S155: a suspension takes effect after the message that is being handled, and a resume before its end is not lost", async () => {
  const { inbox, log } = recorded();
  const { until, open } = gate();
  inbox.push({ name: "slow", until });
  inbox.push({ name: "b" });
  await settle();
  inbox.suspend();
  inbox.resume();
  inbox.suspend();
  open();
  await settle();
  expect(log).toEqual(["slow", "slow done"]);
  inbox.resume();
  await settle();
  expect(log).toEqual(["slow", "slow done", "b"]);
});
