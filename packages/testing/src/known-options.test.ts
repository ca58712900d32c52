import { expect, test } from "vitest";
import { refuseUnknownOptions } from "./known-options.ts";

const known = ["url", "version", "settings"];

test.each([
  ["versoin", "Did you mean version?"],
  ["Version", "Did you mean version?"],
  ["setting", "Did you mean settings?"],
  ["uri", "Did you mean url?"],
  ["colour", "Known are url, version, settings."],
])("the unknown option %s is refused: %s", (name, hint) => {
  const refuse = () => refuseUnknownOptions({ [name]: 1 }, known, "startPostgres");
  expect(refuse).toThrow(expect.objectContaining({ code: "option_invalid" }));
  expect(refuse).toThrow(`startPostgres has no option "${name}". ${hint}`);
});

test("known options pass, whatever their values", () => {
  expect(() => refuseUnknownOptions({ url: undefined, version: "x" }, known, "startPostgres")).not.toThrow();
});
