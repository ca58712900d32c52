import { expect, test } from "vitest";
import { findChromium } from "./find-chromium.ts";

test("the browser that is named is taken, whatever the PATH says", () => {
  expect(findChromium({ CHROMIUM_PATH: "/opt/chrome", PATH: "" })).toBe("/opt/chrome");
});

test("where there is no browser, none is found", () => {
  expect(findChromium({ PATH: "" })).toBeUndefined();
  expect(findChromium({})).toBeUndefined();
});
