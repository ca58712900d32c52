import { expect, test } from "vitest";
import { parseArguments, UsageError } from "./arguments.ts";

test("no argument means an embedded server", () => {
  expect(parseArguments([])).toEqual({});
});

test("--url is taken with and without the -- that pnpm hands over", () => {
  const url = "postgres://localhost/app";
  expect(parseArguments(["--url", url])).toEqual({ url });
  expect(parseArguments(["--", `--url=${url}`])).toEqual({ url });
});

test("--serve keeps the demo running, on either server", () => {
  expect(parseArguments(["--", "--serve"])).toEqual({ serve: true });
  const url = "postgres://localhost/app";
  expect(parseArguments(["--serve", "--url", url])).toEqual({ url, serve: true });
});

test("--help asks for the usage text", () => {
  expect(parseArguments(["--help"])).toBe("help");
});

test("an unknown option and a URL that is none are refused with a sentence", () => {
  expect(() => parseArguments(["--uri", "x"])).toThrow(UsageError);
  expect(() => parseArguments(["--url", "localhost:5432"])).toThrow(/connection URL such as postgres:/);
});
