import { SimulatedTime, settle } from "@trunkline/process";
import { expect, test } from "vitest";
import { ShutdownWatch } from "./shutdown-watch.ts";

/** `hold` keeps answers back. */
function watch(answers: readonly boolean[] = []) {
  let answered = Promise.resolve();
  const hold = {
    open: () => {},
    close: () => {
      answered = new Promise((resolve) => {
        hold.open = resolve;
      });
    },
  };
  const clock = new SimulatedTime();
  const told: string[] = [];
  const given = { held: true };
  const watched = new ShutdownWatch({
    clock,
    everyMs: 1000,
    held: () => given.held,
    ask: async () => {
      told.push(`asked at ${clock.now()}`);
      const answer = answers[told.length - 1] ?? false;
      await answered;
      return answer;
    },
    stopping: () => void told.push("stopping"),
  });
  return { clock, told, given, watched, hold };
}

test("while the stream is held back the server is asked now and then, and no longer once it is read", async () => {
  const { clock, told, given, watched } = watch();
  watched.heldBack();
  watched.heldBack();
  await clock.advance(2500);
  expect(told).toEqual(["asked at 1000", "asked at 2000"]);
  given.held = false;
  await clock.advance(5000);
  expect([told.length, clock.pending]).toEqual([2, 0]);
  watched.heldBack();
  await clock.advance(1000);
  expect(told.at(-1)).toBe("asked at 8500");
});

test("a stream that is held back again and again between two looks is watched, though it is not at the moment", async () => {
  const { clock, told, given, watched } = watch();
  given.held = false;
  watched.heldBack();
  await clock.advance(900);
  watched.heldBack();
  await clock.advance(100);
  expect(told).toEqual(["asked at 1000"]);
});

test("a server that shuts down is told once", async () => {
  const { clock, told, watched } = watch([false, true]);
  watched.heldBack();
  await clock.advance(10_000);
  expect(told).toEqual(["asked at 1000", "asked at 2000", "stopping"]);
});

test("when the stream is over nothing is asked, and no answer that is on its way is told", async () => {
  const { clock, told, watched, hold } = watch([true]);
  watched.heldBack();
  watched.stop();
  await clock.advance(5000);
  expect([told, clock.pending]).toEqual([[], 0]);
  hold.close();
  watched.heldBack();
  await clock.advance(1000);
  expect(told).toEqual(["asked at 6000"]);
  watched.stop();
  hold.open();
  await settle();
  expect(told).toHaveLength(1);
});
