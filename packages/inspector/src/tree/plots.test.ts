import type { Answer, Plot } from "@trunkline/process";
import { expect, test } from "vitest";
import { PlotHistory } from "./plots.ts";

const rows = (value: number | undefined): Plot[] => [
  { key: "rate", title: "Rate", unit: "rows/s", series: [{ key: "in", label: "In", value }] },
];

const answer = (tone: Answer["tone"], sentence = "So it is."): Answer => ({
  code: "any",
  tone,
  question: "Well?",
  sentence,
  atMs: 0,
});

const values = (history: PlotHistory, seen?: number) => history.frame("x:1", seen).plots[0]?.series[0]?.values;

test("a frame is whole first, then only what is new", () => {
  const history = new PlotHistory();
  history.add(100, rows(1), undefined);
  history.add(101, rows(2), undefined);
  expect(history.frame("x:1", undefined)).toEqual({
    t: "plots",
    ref: "x:1",
    from: 100_000,
    stepMs: 1000,
    whole: true,
    bands: [],
    plots: [{ key: "rate", title: "Rate", unit: "rows/s", series: [{ key: "in", label: "In", values: [1, 2] }] }],
  });
  history.add(102, rows(3), undefined);
  expect(history.frame("x:1", 101)).toMatchObject({ from: 102_000, whole: false });
  expect(values(history, 101)).toEqual([3]);
});

test("what was not known, and seconds without a sample, stay gaps", () => {
  const history = new PlotHistory();
  history.add(100, rows(1), undefined);
  history.add(101, rows(undefined), undefined);
  history.add(104, rows(5), undefined);
  expect(values(history)).toEqual([1, null, null, null, 5]);
});

test("half an hour is kept, and a page that was away for longer gets all of it again", () => {
  const history = new PlotHistory();
  for (let sample = 0; sample < 2000; sample += 1) history.add(sample, rows(sample), undefined);
  expect(values(history)).toHaveLength(1800);
  expect(history.frame("x:1", undefined).from).toBe(200_000);
  expect(history.frame("x:1", 100)).toMatchObject({ whole: true, from: 200_000 });
  expect(values(history, 1998)).toEqual([1999]);
});

test("a line that is plotted later is a gap before", () => {
  const history = new PlotHistory();
  history.add(1, [], undefined);
  history.add(2, rows(7), undefined);
  expect(values(history)).toEqual([null, 7]);
});

test("a band marks when it was held up, open while it is", () => {
  const history = new PlotHistory();
  history.add(1, rows(1), answer("fine"));
  history.add(2, rows(1), answer("held", "Your handler is busy."));
  history.add(3, rows(1), answer("held", "Your handler is busy."));
  expect(history.frame("x:1", undefined).bands).toEqual([{ from: 2000, text: "Your handler is busy." }]);
  history.add(4, rows(1), answer("waiting"));
  history.add(5, rows(1), answer("broken", "The slot is lost."));
  expect(history.frame("x:1", undefined).bands).toEqual([
    { from: 2000, to: 4000, text: "Your handler is busy." },
    { from: 5000, text: "The slot is lost." },
  ]);
});
