import { expect, test } from "vitest";
import { currentPage, statechartPage } from "./statechart.ts";

test("the page with the statechart shows the machine as it is; else run test/draw-statechart.ts", () => {
  expect(currentPage()).toBe(statechartPage());
});
