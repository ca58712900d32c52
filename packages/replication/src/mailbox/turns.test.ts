import { expect, test } from "vitest";
import { deferred } from "../../test/deferred.ts";
import type { Item } from "./item.ts";
import { Turns } from "./turns.ts";

const info = (text: string): Item => ({ type: "info", info: text });

/** Turns in which each message is answered by `handle`; the event loop turns when the test says so. */
function turnsWith(handle: (text: string) => unknown) {
  const later: (() => void)[] = [];
  const handled: string[] = [];
  const turns: Turns = new Turns({
    handle: (item) => {
      if (item.type !== "info") return;
      handled.push(String(item.info));
      turns.run(
        () => handle(String(item.info)),
        () => {},
      );
    },
    failed: (error) => {
      throw error;
    },
    rested: () => {},
    later: (fn) => void later.push(fn),
  });
  turns.waitFor("nothing");
  return {
    turns,
    handled,
    later,
    send: (text: string) => {
      turns.message(info(text));
      turns.schedule();
    },
    loop: () => {
      for (const fn of later.splice(0)) fn();
    },
  };
}

/** Far more microtasks than the messages that may have their turn before the event loop has its. */
async function microtasks(): Promise<void> {
  for (let count = 0; count < 5000; count += 1) await undefined;
}

test("a message sent by the handler of one waits for the event loop, which is asked for once", async () => {
  const { send, handled, later, loop } = turnsWith(() => send("again"));
  send("go");
  send("go");
  await microtasks();
  expect([handled.length, later.length]).toEqual([2, 1]);
  loop();
  await microtasks();
  expect([handled.length, later.length]).toEqual([4, 1]);
});

test("asynchronous handlers that send the next one keep the event loop waiting for 100 messages at most", async () => {
  const { turns, send, handled, later, loop } = turnsWith(async () => send("again"));
  send("go");
  await microtasks();
  expect([handled.length, later.length, turns.resting]).toEqual([100, 1, true]);
  loop();
  await microtasks();
  expect([handled.length, later.length, turns.resting]).toEqual([200, 1, true]);
});

test("what comes while a handler is busy has its turn right after it, without the event loop", async () => {
  const busy = deferred<void>();
  const { turns, send, handled, later } = turnsWith((text) => (text === "busy" ? busy.promise : undefined));
  send("busy");
  await microtasks();
  send("one");
  send("two");
  await microtasks();
  expect([handled, turns.blocked]).toEqual([["busy"], true]);
  busy.resolve();
  await microtasks();
  expect([handled, later.length, turns.resting]).toEqual([["busy", "one", "two"], 0, false]);
});

test("a backlog has its turn as one, however long it is", async () => {
  const { send, handled, later } = turnsWith(() => {});
  for (let count = 0; count < 1000; count += 1) send(String(count));
  await microtasks();
  expect([handled.length, later.length]).toEqual([1000, 0]);
  send("one more");
  await microtasks();
  expect([handled.length, later.length]).toEqual([1000, 1]);
});
