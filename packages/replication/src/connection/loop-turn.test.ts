import { expect, test } from "vitest";
import { LoopTurn } from "./loop-turn.ts";

const eventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A turn whose clock is `time`, and which counts how often it has passed. */
function turn() {
  const time = { ms: 0 };
  const passed = { times: 0 };
  const it = new LoopTurn(
    () => time.ms,
    () => {
      passed.times += 1;
    },
  );
  return { it, time, passed };
}

test("it is due a millisecond after the first work since the last turn", async () => {
  const { it, time } = turn();
  it.work();
  time.ms = 0.9;
  it.work();
  expect(it.due).toBe(false);
  time.ms = 1;
  expect(it.due).toBe(true);
  await eventLoopTurn();
  expect(it.due).toBe(false);
  it.work();
  expect(it.due).toBe(false);
  time.ms = 2;
  expect(it.due).toBe(true);
});

test("where nothing has been done it is never due", () => {
  const { it, time } = turn();
  time.ms = 60_000;
  expect(it.due).toBe(false);
});

test("it tells of a turn once, and only after work", async () => {
  const { it, passed } = turn();
  await eventLoopTurn();
  expect(passed.times).toBe(0);
  it.work();
  it.work();
  await eventLoopTurn();
  await eventLoopTurn();
  expect(passed.times).toBe(1);
});

test("work that is done when a turn has passed waits for the next one", async () => {
  const order: string[] = [];
  const it: LoopTurn = new LoopTurn(
    () => 0,
    () => {
      order.push("passed");
      if (order.length < 3) it.work();
    },
  );
  it.work();
  setImmediate(() => order.push("other"));
  await eventLoopTurn();
  await eventLoopTurn();
  expect(order).toEqual(["passed", "other", "passed"]);
});

test("closed, it tells of nothing and is not due", async () => {
  const { it, time, passed } = turn();
  it.work();
  time.ms = 5;
  it.close();
  expect(it.due).toBe(false);
  await eventLoopTurn();
  expect(passed.times).toBe(0);
});
