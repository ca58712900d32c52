import { expect, test } from "vitest";
import { createMachine } from "xstate";
import { activeIds, statePath } from "./state-value.ts";

test.each([
  ["idle", "idle"],
  [{ connected: "streaming" }, "connected.streaming"],
  [{ connected: { streaming: "paused" } }, "connected.streaming.paused"],
  [{ left: "up", right: "down" }, "left.up | right.down"],
  [{ on: { left: "up", right: {} } }, "on.(left.up | right)"],
  [{}, ""],
  [undefined, ""],
  [3, ""],
])("%j reads %s", (value, path) => {
  expect(statePath(value)).toBe(path);
});

test("the active states are those of the value with all that contain them, in every region", () => {
  const { root } = createMachine({
    id: "m",
    initial: "off",
    states: {
      off: {},
      on: {
        type: "parallel",
        states: { left: { initial: "up", states: { up: { id: "raised" } } }, right: {} },
      },
    },
  });
  expect(activeIds(root, "off")).toEqual(["m", "m.off"]);
  expect(activeIds(root, { on: { left: "up", right: {} } })).toEqual([
    "m",
    "m.on",
    "m.on.left",
    "raised",
    "m.on.right",
  ]);
  expect(activeIds(root, { elsewhere: "up" })).toEqual(["m"]);
});
