import { sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";

test("a new slot has nothing to confirm", async () => {
  const server = await sharedPostgres(); // one per test file, started when first asked for
  await using database = await server.database();
  await using slot = await database.slot();
  expect(await slot.state()).toMatchObject({ active: false, confirmedFlushLsn: slot.consistentPoint });
});
