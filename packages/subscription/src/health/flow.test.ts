import { lsn } from "@trunkline/protocol";
import { expect, test } from "vitest";
import { type FlowPoint, flowOf, withPoint } from "./flow.ts";

const MiB = 1024 * 1024;
const at = (seconds: number, writtenMiB: number, handledMiB: number): FlowPoint => ({
  atMs: seconds * 1000,
  walEnd: lsn(BigInt(Math.round((100 + writtenMiB) * MiB))),
  durable: lsn(BigInt(Math.round((50 + handledMiB) * MiB))),
});

test("the rates are what was written and handled in the window, and the trend is their difference", () => {
  expect(flowOf([at(0, 0, 0), at(10, 20, 10)])).toEqual({
    writtenBytesPerSecond: 2 * MiB,
    handledBytesPerSecond: MiB,
    trend: "falling behind",
  });
  expect(flowOf([at(0, 0, 0), at(10, 10, 20)]).trend).toBe("catching up");
  expect(flowOf([at(0, 0, 0), at(10, 20, 19)]).trend).toBe("keeping pace");
});

test("a few bytes are no trend, and one point tells nothing", () => {
  expect(flowOf([at(0, 0, 0), at(10, 0.05, 0)]).trend).toBe("keeping pace");
  expect(flowOf([at(0, 1, 0)])).toMatchObject({ writtenBytesPerSecond: 0, trend: "keeping pace" });
  expect(flowOf([])).toMatchObject({ handledBytesPerSecond: 0 });
});

test("points older than a minute go", () => {
  const points = [at(0, 0, 0), at(30, 1, 1)].reduce<readonly FlowPoint[]>(withPoint, []);
  expect(withPoint(points, at(61, 2, 2)).map(({ atMs }) => atMs)).toEqual([30_000, 61_000]);
});
