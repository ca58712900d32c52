import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { deadLinks, pagesBelow } from "./links.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

test("every link and anchor of every page leads somewhere", () => {
  const pages = pagesBelow(root);
  expect(pages.length).toBeGreaterThan(20);
  expect(pages.flatMap((page) => deadLinks(page, root))).toEqual([]);
});

test("links that lead nowhere are found", () => {
  const page = `${root}tools/fixtures/links/page.md`;
  const dead = ["nothing.md", "page.md#nothing", "#nothing-here", "missing.md"];
  expect(deadLinks(page, root)).toEqual(dead.map((target) => `tools/fixtures/links/page.md: ${target}`));
});
