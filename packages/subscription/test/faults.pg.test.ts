import { describeReason, exited } from "@trunkline/process";
import { faultProxy, sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import type { SubscriptionOptions } from "../src/options.ts";
import { startSubscription, stopSubscription } from "../src/subscription.ts";
import { quiet, slotOf, type Things, until } from "./source.ts";

const transactions = 50;
/** One cut at each message boundary; a larger `FAULT_STEP` leaves some out. */
const step = Number(process.env["FAULT_STEP"] ?? 1);

/** A database with 50 committed transactions behind one slot; each run copies the slot, and so begins at the first. */
async function script() {
  const server = await sharedPostgres();
  const database = await server.database();
  await database.query("CREATE TABLE things (id int PRIMARY KEY, note text)");
  await database.query("CREATE PUBLICATION things_pub FOR TABLE things");
  const template = await database.slot();
  for (let id = 1; id <= transactions; id += 1) {
    await database.query("INSERT INTO things SELECT $1::int * 10 + n, 'x' FROM generate_series(0, $1::int % 3) AS n", [
      id,
    ]);
  }
  const proxy = await faultProxy({ target: { host: server.host, port: server.port } });
  let runs = 0;
  return {
    database,
    proxy,
    /** Runs until the last transaction is handled, and answers with the transactions in the order of their handling. */
    async run(): Promise<{ readonly handled: readonly number[]; readonly messages: number }> {
      runs += 1;
      const slot = `${template.name}_${runs}`;
      await database.query("SELECT pg_copy_logical_replication_slot($1, $2)", [template.name, slot]);
      const before = proxy.accepted;
      const handled: number[] = [];
      const onTransaction: SubscriptionOptions<Things>["onTransaction"] = async (transaction) => {
        const ids: number[] = [];
        for await (const change of transaction.changes) if (change.kind === "insert") ids.push(change.new.id);
        const id = Math.trunc((ids[0] ?? 0) / 10);
        expect(ids).toHaveLength((id % 3) + 1);
        handled.push(id);
      };
      const ref = await startSubscription<Things>(
        {
          connection: { connectionString: proxy.urlOf(database.url) },
          slot,
          publications: "things_pub",
          create: false,
          backoff: { minMs: 1, maxMs: 5 },
          health: false,
          onTransaction,
        },
        quiet,
      );
      const first = await proxy.connection(before + 1);
      const over = exited(ref).then((reason) => {
        throw new Error(`The subscription ended: ${describeReason(reason)}`);
      });
      over.catch(() => {}); // it ends after the race, too
      await Promise.race([until(() => handled.includes(transactions)), over]);
      await stopSubscription(ref);
      // Of a connection that was cut just before, the server may have to hear yet.
      await until(async () => (await slotOf(database, slot))?.active === false);
      await database.query("SELECT pg_drop_replication_slot($1)", [slot]);
      return { handled, messages: first.toClient.messages };
    },
  };
}

const committed = Array.from({ length: transactions }, (_, index) => index + 1);

test("cut at each message boundary, and inside of messages, all transactions are handled once and in order", {
  timeout: 600_000,
}, async () => {
  const { database, proxy, run } = await script();
  await using _ = database;
  await using __ = proxy;
  const whole = await run();
  expect(whole.handled).toEqual(committed);
  expect(whole.messages).toBeGreaterThan(3 * transactions);
  let first = true;
  for (let messages = 1; messages <= whole.messages; messages += step) {
    const plusBytes = messages % 3 === 0 ? 3 : 0;
    first = true;
    proxy.replan(({ toClient }) => {
      if (first) toClient.at({ messages, plusBytes }, messages % 2 === 0 ? "rst" : "fin");
      first = false;
    });
    const { handled } = await run();
    expect({ messages, handled }).toEqual({ messages, handled: committed });
  }
});
