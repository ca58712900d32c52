import { expect, test } from "vitest";
import { formatSettings } from "./server-settings.ts";

test("a value is quoted as postgresql.conf wants it", () => {
  expect(formatSettings({ a: "1", "x.y": "it's" })).toBe("a = '1'\nx.y = 'it''s'\n");
});
