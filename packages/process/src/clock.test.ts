import { afterEach, expect, test, vi } from "vitest";
import { realClock } from "./clock.ts";
import { SimulatedTime, settle } from "./simulated-time.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("S174: real timers keep Node alive, unless it is asked not to", () => {
  for (const unref of [false, true]) {
    const clock = realClock({ unref });
    const handle = clock.setTimeout(() => {}, 10_000) as NodeJS.Timeout;
    expect(handle.hasRef()).toBe(!unref);
    clock.clearTimeout(handle);
  }
});

test("a wait longer than Node's longest timer is made of several, and can be cleared", () => {
  vi.useFakeTimers();
  const clock = realClock();
  const fired = vi.fn();
  const cleared = vi.fn();
  const days = 24 * 60 * 60 * 1000;
  clock.setTimeout(fired, 60 * days);
  const handle = clock.setTimeout(cleared, 60 * days);
  vi.advanceTimersByTime(59 * days);
  expect(fired).not.toHaveBeenCalled();
  clock.clearTimeout(handle);
  vi.advanceTimersByTime(days);
  expect(fired).toHaveBeenCalledTimes(1);
  expect(cleared).not.toHaveBeenCalled();
});

test("S169: a yield lets I/O, timers and microtasks have their turn before the work goes on, and can be cancelled", async () => {
  const clock = realClock();
  const order: string[] = [];
  clock.yieldToLoop(() => order.push("work"));
  clock.yieldToLoop(() => order.push("cancelled"))();
  queueMicrotask(() => order.push("microtask"));
  await settle();
  await settle();
  expect(order).toEqual(["microtask", "work"]);
});

test("S171: simulated time fires what falls due, in order, and lets each have its consequences first", async () => {
  const clock = new SimulatedTime();
  const fired: string[] = [];
  clock.setTimeout(() => fired.push("20"), 20);
  clock.setTimeout(() => {
    fired.push("10");
    void Promise.resolve().then(() => clock.setTimeout(() => fired.push("10 + 5"), 5));
  }, 10);
  clock.clearTimeout(clock.setTimeout(() => fired.push("cleared"), 12));
  clock.setTimeout(() => fired.push("30"), 30);
  await clock.advance(20);
  expect(fired).toEqual(["10", "10 + 5", "20"]);
  expect([clock.now(), clock.pending]).toEqual([20, 1]);
});
