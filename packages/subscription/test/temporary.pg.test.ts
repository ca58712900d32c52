import { exited, exitReason } from "@trunkline/process";
import { expect, test } from "vitest";
import { startSubscription, stopSubscription, subscriptionStats } from "../src/subscription.ts";
import { quiet, slotOf, source, type Things, until } from "./source.ts";

const errorCode = (reason: Awaited<ReturnType<typeof exited>>): unknown =>
  reason.type === "error" && reason.error instanceof Error && "code" in reason.error ? reason.error.code : undefined;

test("a temporary slot brings what is committed from its start on, and leaves nothing behind", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const notes: (string | null)[] = [];
  const ref = await startSubscription<Things>(
    {
      ...options,
      temporary: true,
      onChange: (change) => {
        if (change.kind === "insert") notes.push(change.new.note);
      },
    },
    quiet,
  );
  await database.query("INSERT INTO things VALUES (1, 'one')");
  await until(async () => (await subscriptionStats(ref)).handled === 1);
  await stopSubscription(ref);
  await until(async () => (await slotOf(database, slot)) === undefined);
  expect(notes).toEqual(["one"]);
});

test("the end of its connection ends a subscription with a temporary slot", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const ref = await startSubscription({ ...options, temporary: true, onChange: () => {} }, quiet);
  await database.query("SELECT pg_terminate_backend($1)", [(await slotOf(database, slot))?.pid]);
  expect(errorCode(await exited(ref))).toBe("temporary_slot_gone");
  expect(exitReason(ref)).toMatchObject({ type: "error" });
});

test("a lasting slot is not taken for a temporary one, and a temporary one has no checkpoint", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  await using lasting = await database.slot(slot);
  expect(lasting.name).toBe(slot);
  await database.query("CREATE PUBLICATION things_pub FOR TABLE things");
  const asked = { ...options, publications: "things_pub", temporary: true, onChange: () => {} } as const;
  await expect(startSubscription(asked, quiet)).rejects.toMatchObject({
    reason: { error: { code: "slot_unsuitable" } },
  });
  const checkpoint = { load: async () => undefined, save: async () => {} };
  await expect(startSubscription({ ...asked, checkpoint })).rejects.toMatchObject({ code: "option_invalid" });
});
