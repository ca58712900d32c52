import { expect, test } from "vitest";
import { distances, toScale } from "../../page/ladder-figures.js";
import { nothingYet, received, selecting, shownProc, successorOf } from "../../page/model.js";
import { processAt } from "../../page/place.js";
import { joinPlots } from "../../page/plots-history.js";
import { visibleRows } from "../../page/rows.js";
import type { Plots, ServerFrame } from "../../src/wire.ts";
import { greeting, held, hello, now, plots, tree } from "../frames.ts";

const after = (...frames: readonly ServerFrame[]) => frames.reduce(received, nothingYet);
const view = { filter: "", only: undefined, opened: new Map<string, boolean>(), narrow: false };

test("a delta changes fields, and takes away those that no longer apply", () => {
  const model = after(...greeting, {
    t: "delta",
    seq: 2,
    at: now,
    changed: [{ ref: "x:5", value: "closing", lastExit: null, mailbox: null }],
    gone: [],
    skipped: 0,
  });
  expect(model.procs.get("x:5")).toMatchObject({ id: "invoices", value: "closing", mailbox: null });
  expect(model.procs.get("x:5")).not.toHaveProperty("lastExit");
});

test("a process that goes while it is selected is kept, and its successor found at its place", () => {
  const chosen = selecting(after(...greeting), "x:8");
  const health = tree.procs.find((proc) => proc.ref === "x:8");
  if (health === undefined) throw new Error("no such process");
  const changed = [{ ...health, ref: "x:57" }];
  const model = received(chosen, { t: "delta", seq: 2, at: now, changed, gone: ["x:8"], skipped: 0 });
  expect(shownProc(model)?.ref).toBe("x:8");
  expect(successorOf(model, health)?.ref).toBe("x:57");
  expect(processAt(model, "health")).toBe("x:57");
});

test("another pid empties the model and is remembered, the same pid keeps it", () => {
  const model = after(...greeting);
  expect(received(model, hello).procs.size).toBe(tree.procs.length);
  const other = received(model, { ...hello, pid: 7 });
  expect([other.procs.size, other.charts.size, other.previousPid]).toEqual([0, 0, hello.pid]);
});

test("what is told of a process that is no longer selected is not shown", () => {
  expect(received(selecting(after(...greeting), "x:5"), held).detail).toBeUndefined();
  expect(received(selecting(after(...greeting), "x:1"), held).detail).toBe(held);
});

test("a frame of a kind that is not known changes nothing", () => {
  const model = after(...greeting);
  expect(received(model, { t: "messages" } as unknown as ServerFrame)).toBe(model);
});

test("children of the same name have places of their own", () => {
  const twins = tree.procs.map((proc) => (proc.ref === "x:7" ? { ...proc, id: "health" } : proc));
  const places = visibleRows(after(hello, { ...tree, procs: twins }), view).map(({ place }) => place);
  expect(new Set(places).size).toBe(places.length);
});

test("figures are joined at their times, seconds that nobody brought stay gaps, and thirty minutes are kept", () => {
  const one = (from: number, values: readonly (number | null)[], whole = false): Plots => ({
    ...plots,
    from,
    whole,
    bands: [],
    plots: [{ key: "k", title: "K", unit: "s", series: [{ key: "k", label: "k", values }] }],
  });
  const joined = joinPlots(one(0, [1, 2], true), one(4000, [5]));
  expect(joined.plots[0]?.series[0]?.values).toEqual([1, 2, null, null, 5]);
  const long = joinPlots(
    one(
      0,
      Array.from({ length: 1800 }, () => 1),
      true,
    ),
    one(1_800_000, [2, 3]),
  );
  expect(long.from).toBe(2000);
  expect(long.plots[0]?.series[0]?.values).toHaveLength(1800);
});

test("the bar is true to scale, and what is small can still be seen", () => {
  const { ladder } = held;
  if (ladder === undefined) throw new Error("no ladder");
  const parts = toScale(ladder, 254);
  const sizes = parts.map(({ from, to }) => to - from);
  expect(sizes[0]).toBe(1);
  expect(sizes[3]).toBe(0);
  expect((sizes[2] ?? 0) / (sizes[5] ?? 1)).toBeCloseTo(3_983_656 / 5_358_480, 3);
  expect(parts.at(-1)?.to).toBeCloseTo(254);
});

test("distances are sums of gaps, and unknown below an unknown gap", () => {
  const { ladder } = held;
  if (ladder === undefined) throw new Error("no ladder");
  expect(distances(ladder).at(-1)).toBe(9_380_976);
  const gaps = ladder.gaps.map((gap, index) => (index === 2 ? { ...gap, bytes: null } : gap));
  expect(distances({ ...ladder, gaps })).toEqual([0, 648, 38_840, undefined, undefined, undefined, undefined]);
});
