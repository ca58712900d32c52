import { SimulatedTime, silentLogger } from "@trunkline/process";
import { afterEach, expect, test } from "vitest";
import { type AnyActorRef, createActor, createMachine } from "xstate";
import { makeGuard } from "../guard.ts";
import { Observatory } from "../observatory.ts";
import type { Delta, Hello, ServerFrame } from "../wire.ts";
import { Page } from "./page.ts";
import { Pages } from "./pages.ts";

// Five states, so that no round number of events leads back to the same one.
const ticking = createMachine({
  id: "ticking",
  initial: "one",
  states: {
    one: { on: { next: "two" } },
    two: { on: { next: "three" } },
    three: { on: { next: "four" } },
    four: { on: { next: "five" } },
    five: { on: { next: "one" } },
  },
});

const hello: Hello = {
  t: "hello",
  wire: 1,
  app: "test",
  pid: 1,
  node: "20",
  startedAt: 0,
  now: 0,
  control: false,
  recordingFrom: 0,
};

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

interface Opened {
  readonly page: Page;
  readonly frames: ServerFrame[];
  readonly deltas: () => Delta[];
  readonly isCutOff: () => boolean;
  readonly leave: () => void;
  /** Says that it has seen the last tree or delta. */
  readonly see: () => void;
}

function watched(): { actor: AnyActorRef; time: SimulatedTime; pages: Pages; open: () => Opened } {
  const time = new SimulatedTime();
  const actor = createActor(ticking).start();
  const pages = new Pages(
    () => observatory,
    { clock: time, unixMs: () => 1_000_000 + time.now() },
    makeGuard(silentLogger),
  );
  const observatory = new Observatory(actor, { clock: time, unixMs: () => 1_000_000 + time.now() }, silentLogger, () =>
    pages.changed(),
  );
  undo.push(() => {
    pages.close();
    observatory.close();
    expect(time.pending).toBe(0);
  });
  return {
    actor,
    time,
    pages,
    open() {
      const frames: ServerFrame[] = [];
      let isCutOff = false;
      const page = new Page(observatory, (frame) => frames.push(frame));
      const leave = pages.add(
        {
          page,
          cutOff: () => {
            isCutOff = true;
            leave();
          },
        },
        hello,
      );
      const deltas = () => frames.filter((frame): frame is Delta => frame.t === "delta");
      const see = () => {
        const last = frames.findLast((frame) => frame.t === "tree" || frame.t === "delta");
        if (last !== undefined && "seq" in last) page.receive({ t: "seen", seq: last.seq });
      };
      return { page, frames, deltas, see, leave, isCutOff: () => isCutOff };
    },
  };
}

test("a page gets the tree first; while nobody looks there is no timer but the sampler's", async () => {
  const { time, open } = watched();
  const before = time.pending;
  const { frames, leave } = open();
  expect(frames.map(({ t }) => t)).toEqual(["hello", "tree", "crashes"]);
  leave();
  expect(time.pending).toBe(before);
});

test("a thousand changes within a tenth of a second are one update", async () => {
  const { actor, time, open } = watched();
  const { see, deltas } = open();
  see();
  for (let change = 0; change < 1001; change += 1) actor.send({ type: "next" });
  await time.advance(100);
  expect(deltas()).toMatchObject([{ changed: [{ value: "two" }], skipped: 0 }]);
});

test("changes that go on are ten updates a second", async () => {
  const { actor, time, open } = watched();
  const { see, deltas } = open();
  see();
  for (let step = 0; step < 100; step += 1) {
    actor.send({ type: "next" });
    await time.advance(9);
    see();
  }
  expect(deltas().length).toBeGreaterThan(5);
  expect(deltas().length).toBeLessThanOrEqual(10);
});

test("the next update waits until the last one was seen, and says how many it stands for", async () => {
  const { actor, time, open } = watched();
  const { see, deltas } = open();
  see();
  for (let step = 0; step < 4; step += 1) {
    actor.send({ type: "next" });
    await time.advance(100);
  }
  expect(deltas()).toHaveLength(1);
  see();
  actor.send({ type: "next" });
  await time.advance(100);
  expect(deltas()[1]).toMatchObject({ changed: [{ value: "one" }], skipped: 3 });
});

test("seeing something else than the last update counts for nothing", async () => {
  const { actor, time, open } = watched();
  const { page, deltas } = open();
  page.receive({ t: "seen", seq: 99 });
  actor.send({ type: "next" });
  await time.advance(100);
  expect(deltas()).toEqual([]);
});

test("a page that sees nothing for half a minute is cut off; another one goes on", async () => {
  const { actor, time, open } = watched();
  const stalled = open();
  const other = open();
  for (let second = 0; second < 32; second += 1) {
    actor.send({ type: "next" });
    await time.advance(1000);
    other.see();
  }
  expect(stalled.isCutOff()).toBe(true);
  expect(stalled.frames).toHaveLength(3);
  expect(other.isCutOff()).toBe(false);
  expect(other.deltas().length).toBeGreaterThan(30);
});

test("when nothing changes, one update a second says that the process lives", async () => {
  const { time, open } = watched();
  const { see, deltas } = open();
  see();
  await time.advance(1000);
  expect(deltas()).toMatchObject([{ changed: [], gone: [] }]);
});

test("only the selected process is shown in full, with its chart once", async () => {
  const { actor, time, open, pages } = watched();
  const { page, frames, see } = open();
  see();
  page.receive({ t: "select", ref: actor.sessionId });
  pages.changed();
  await time.advance(100);
  see();
  actor.send({ type: "next" });
  await time.advance(100);
  see();
  page.receive({ t: "select", ref: null });
  actor.send({ type: "next" });
  await time.advance(100);
  expect(frames.slice(3).map(({ t }) => t)).toEqual(["delta", "chart", "detail", "delta", "detail", "delta"]);
});
