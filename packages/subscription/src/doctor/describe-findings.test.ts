import { expect, test } from "vitest";
import { describeFindings } from "./describe-findings.ts";
import { missing, warning } from "./finding.ts";

test("findings are told with their SQL and what to do besides", () => {
  const findings = [
    missing("wal_level", "wal_level is replica.", ["ALTER SYSTEM SET wal_level = 'logical'"], "Restart the server."),
    warning("publication_empty", "Publication p has no tables."),
  ];
  expect(describeFindings(findings)).toBe(
    [
      "missing: wal_level is replica.",
      "    ALTER SYSTEM SET wal_level = 'logical';",
      "  Restart the server.",
      "warning: Publication p has no tables.",
    ].join("\n"),
  );
  expect(describeFindings([])).toBe("");
});
