import { expect, test } from "vitest";
import { redactText, secretsOf } from "./redact.ts";

test("the password of a URL is taken out of any text, whatever stands around it", () => {
  expect(redactText("no host in postgres://me:pa:ss@h/d?x=1 (really)")).toBe(
    "no host in postgres://me:***@h/d?x=1 (really)",
  );
  expect(redactText("postgres://h/d?user=me&password=secret&x=1")).toBe("postgres://h/d?user=me&password=***&x=1");
  expect(redactText("postgres://me@h/d stays")).toBe("postgres://me@h/d stays");
});

test("a secret is found in each form in which it may be told", () => {
  const secrets = secretsOf("postgres://me:p%2Fferd@h/d?password=other1", { PGPASSWORD: "variable" });
  expect(secrets).toEqual(["p%2Fferd", "p/ferd", "other1", "variable"]);
  expect(redactText("tried p/ferd, p%2Fferd, other1 and variable", secrets)).toBe("tried ***, ***, *** and ***");
  expect(secretsOf(undefined, {})).toEqual([]);
});

test("a short password is taken out of URLs, not out of words", () => {
  expect(redactText("a cat of postgres://me:a@h/d", ["a"])).toBe("a cat of postgres://me:***@h/d");
});
