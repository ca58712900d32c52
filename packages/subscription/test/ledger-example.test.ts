import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { ledgerExample } from "./ledger-example.ts";

test("the worked example of the explanation is what the ledger does", async () => {
  const page = new URL("../../../docs/explanation/how-nothing-gets-lost.md", import.meta.url);
  expect(await readFile(page, "utf8")).toContain(`\n${ledgerExample()}\n`);
});
