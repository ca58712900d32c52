import { expect, test } from "vitest";
import { parsePostgresVersion, postgresVersions } from "./postgres-version.ts";

test("every version that can be run is read back from its text", () => {
  for (const version of postgresVersions) expect(parsePostgresVersion(`${version}`)).toBe(version);
});

test.each(["", "13", "18.4", "eighteen"])("%o is not a version", (text) => {
  expect(() => parsePostgresVersion(text)).toThrow(expect.objectContaining({ code: "option_invalid" }));
});
