import fc from "fast-check";
import { expect, test } from "vitest";
import { layOut } from "../../page/chart-layout.js";
import { levelsOf } from "../../page/chart-levels.js";
import { arrowLabel } from "../../page/chart-words.js";
import type { Chart } from "../../src/wire.ts";
import { chart } from "../frames.ts";

const measure = (text: string): number => text.length * 7;
const room = { width: 350, height: 296 };

/** Charts of up to twelve states, some within others, with arrows anywhere. */
const charts = fc
  .array(fc.nat(100), { minLength: 1, maxLength: 12 })
  .chain((seeds) =>
    fc.record({ seeds: fc.constant(seeds), ends: fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { maxLength: 20 }) }),
  )
  .map(({ seeds, ends }): Chart => {
    const ids = ["root", ...seeds.map((_, index) => `s${index}`)];
    const parents = seeds.map((seed, index) => (seed % 3 === 0 ? `s${seed % (index + 1)}` : "root"));
    const states = seeds.map((_, index) => {
      const id = `s${index}`;
      const parent = parents[index] === id ? "root" : (parents[index] ?? "root");
      return { id, key: id, parent, kind: parents.includes(id) ? ("compound" as const) : ("atomic" as const) };
    });
    return {
      t: "chart",
      id: "any",
      states: [{ id: "root", key: "root", kind: "compound", initial: "s0" }, ...states],
      edges: ends.map(([from, to], index) => ({
        id: `e${index}`,
        from: ids[from % ids.length] ?? "root",
        to: [ids[to % ids.length] ?? "root"],
        event: `event${index}`,
      })),
    };
  });

test("no two boxes overlap unless one holds the other, and nothing lies outside of the drawing", () => {
  fc.assert(
    fc.property(charts, (any) => {
      const { boxes, width, height } = layOut(any, measure, room);
      expect(boxes).toHaveLength(any.states.length - 1);
      for (const a of boxes) {
        expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height).toBe(true);
        for (const b of boxes) {
          if (a === b || holds(a, b) || holds(b, a)) continue;
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          expect(apart, `${a.id} and ${b.id}`).toBe(true);
        }
      }
    }),
    { numRuns: 150 },
  );
});

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
const holds = (a: Box, b: Box): boolean =>
  a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;

test("a connection's statechart fits beside the ladder at a size that can be read", () => {
  const { width, height, arrows, start } = layOut(chart, measure, room);
  expect(Math.min(room.width / width, room.height / height)).toBeGreaterThan(0.75);
  expect(arrows).toHaveLength(12);
  expect(start).toBeDefined();
});

test("the same definition is laid out in the same way", () => {
  expect(layOut(chart, measure, room)).toEqual(layOut(chart, measure, room));
});

test("an arrow to a state deeper down ends at the box that holds it, on the level of its source", () => {
  const deep = { id: "deep", from: "connection.connecting", to: ["connection.connected.streaming"], event: "resume" };
  const levels = levelsOf({ ...chart, edges: [...chart.edges, deep] });
  const outer = levels.get("")?.arrows.map(({ id }) => id);
  expect(outer).toContain("connection.connecting connection.connected");
  expect(levels.get("connection.connected")?.arrows.map(({ edges }) => arrowLabel(edges))).not.toContain("resume");
});

test("transitions between the same states share an arrow, which counts them", () => {
  const edge = { id: "1", from: "a", to: ["b"], event: "transport.closed" };
  expect(arrowLabel([edge, { ...edge, id: "2", event: "stop" }])).toBe("closed +1");
  expect(arrowLabel([{ ...edge, event: "xstate.after.1500.a", afterMs: 1500 }])).toBe("1.5 s");
});
