import { describe, expect, test } from "vitest";
import { arrayOf } from "./array-text.ts";
import { asText } from "./text-parsers.ts";

const integers = arrayOf(Number);
const texts = arrayOf(asText);

describe("the text of an array", () => {
  test.each([
    ["{}", []],
    ["{1}", [1]],
    ["{1,NULL,3}", [1, null, 3]],
    [
      "{{1,2},{3,4}}",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["{{{{{{1}}}}}}", [[[[[[1]]]]]]],
  ])("%s becomes nested arrays", (text, expected) => {
    expect(integers(text)).toEqual(expected);
  });

  test.each([
    ["[0:2]={1,2,3}", [1, 2, 3]],
    [
      "[-1:0][2:3]={{1,2},{3,4}}",
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])("%s loses its lower bounds", (text, expected) => {
    expect(integers(text)).toEqual(expected);
  });

  test("quotes, backslashes and what only looks like null are told apart", () => {
    const text = '{"a,b","\\"q\\"","b\\\\s","NULL",NULL,"","{x}"," sp",plain,null}';
    expect(texts(text)).toEqual(["a,b", '"q"', "b\\s", "NULL", null, "", "{x}", " sp", "plain", "null"]);
  });

  test("elements of box are divided by semicolons", () => {
    expect(arrayOf(asText, ";")("{(1,1),(0,0);(2,2),(1,1)}")).toEqual(["(1,1),(0,0)", "(2,2),(1,1)"]);
  });

  test.each([
    "",
    "1",
    "{",
    "}",
    "{1",
    "{1,",
    "{1,}",
    "{,}",
    "{1}x",
    "{{1}",
    '{"a',
    '{"a\\',
    '{"a"b}',
    "[0:1]",
    "[{1}",
    "{a{b}",
  ])("%s is refused", (text) => {
    expect(() => texts(text)).toThrow(expect.objectContaining({ code: "value_malformed" }));
  });

  test("seven dimensions, one more than Postgres has, are refused", () => {
    expect(() => texts("{".repeat(1e6))).toThrow(expect.objectContaining({ code: "value_malformed" }));
    expect(() => texts("{{{{{{{1}}}}}}}")).toThrow(expect.objectContaining({ code: "value_malformed" }));
  });
});
