import { SimulatedTime, settle } from "@trunkline/process";
import { expect, test } from "vitest";
import { Acknowledger } from "./acknowledger.ts";

function acknowledger() {
  const clock = new SimulatedTime();
  const sent: number[] = [];
  return { clock, sent, acknowledge: new Acknowledger(clock, () => sent.push(clock.now())) };
}

test("what is handled is reported in the next turn of the loop, once for all of it", async () => {
  const { clock, sent, acknowledge } = acknowledger();
  for (let index = 0; index < 100; index += 1) acknowledge.moved("handler");
  expect(sent).toEqual([]);
  await clock.advance(0);
  await settle();
  expect(sent).toEqual([0]);
});

test("what is handled soon after is reported 10 ms after the report before; what comes later at once again", async () => {
  const { clock, sent, acknowledge } = acknowledger();
  for (let ms = 0; ms < 35; ms += 1) {
    acknowledge.moved("handler");
    await settle();
    await clock.advance(1);
  }
  expect(sent).toEqual([0, 10, 20, 30]);
  await clock.advance(100);
  expect(sent).toEqual([0, 10, 20, 30, 40]);
  acknowledge.moved("handler");
  await settle();
  expect(sent.at(-1)).toBe(135);
  await clock.advance(12);
  acknowledge.moved("handler");
  await settle();
  expect(sent.at(-1)).toBe(147);
});

test("while data comes that no handler finishes, the report waits 5 ms more", async () => {
  const { clock, sent, acknowledge } = acknowledger();
  acknowledge.moved("handler");
  await settle();
  await clock.advance(1);
  acknowledge.moved("handler");
  for (let ms = 1; ms < 40; ms += 1) {
    expect(acknowledge.rides()).toBe(false);
    await clock.advance(1);
  }
  expect([sent, clock.pending]).toEqual([[0, 15], 0]);
});

test("a chain of commits, of which each waits for the report of the one before, waits for no data", async () => {
  const { clock, sent, acknowledge } = acknowledger();
  for (let commits = 1; commits <= 100; commits += 1) {
    await clock.advance(1);
    expect(acknowledge.rides()).toBe(false);
    acknowledge.moved("handler");
    await settle();
    while (sent.length < commits) await clock.advance(1);
  }
  expect(sent.at(-1)).toBe(991);
});

test("where data comes, the report goes with it, and not earlier than 10 ms after the one before", async () => {
  const { clock, sent, acknowledge } = acknowledger();
  const went: number[] = [];
  for (let ms = 0; ms < 35; ms += 1) {
    acknowledge.moved("handler");
    await settle();
    if (acknowledge.rides()) went.push(clock.now());
    expect(acknowledge.rides()).toBe(false);
    await clock.advance(1);
  }
  expect([sent, went]).toEqual([[0], [10, 20, 30]]);
  await clock.advance(100);
  expect([sent, clock.pending]).toEqual([[0, 45], 0]);
});

test("what a keepalive allows is reported a second later, unless a handler is through before", async () => {
  const { clock, sent, acknowledge } = acknowledger();
  acknowledge.moved("keepalive");
  await clock.advance(600);
  acknowledge.moved("keepalive");
  await clock.advance(400);
  expect(sent).toEqual([1000]);
  acknowledge.moved("keepalive");
  await clock.advance(500);
  acknowledge.moved("handler");
  await settle();
  expect(sent).toEqual([1000, 1500]);
  await clock.advance(2000);
  expect(sent).toHaveLength(2);
});

test("once stopped it reports nothing", async () => {
  const { clock, sent, acknowledge } = acknowledger();
  acknowledge.moved("handler");
  acknowledge.stop();
  await settle();
  acknowledge.moved("keepalive");
  acknowledge.stop();
  await clock.advance(5000);
  expect([sent, clock.pending, acknowledge.rides()]).toEqual([[], 0, false]);
});
