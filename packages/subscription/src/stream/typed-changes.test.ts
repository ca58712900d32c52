import type { Row } from "@trunkline/protocol";
import { expect, expectTypeOf, test } from "vitest";
import type { SubscriptionOptions } from "../options.ts";
import { subscription } from "../subscription.ts";
import type { SubscriptionChange } from "./change.ts";
import type { Transaction } from "./transaction.ts";

interface Order {
  readonly id: bigint;
  readonly status: string;
}
interface Customer {
  readonly email: string;
}
type Shop = { readonly orders: Order; readonly "crm.customers": Customer };

const source = { connection: {}, slot: "s", publications: "p" } as const;

test("a change of a table has the rows of that table", () => {
  const spec = subscription<Shop>({
    ...source,
    onChange: (change, transaction) => {
      expectTypeOf(transaction).toEqualTypeOf<Transaction<Shop>>();
      if (change.kind === "insert" && change.table === "orders") expectTypeOf(change.new).toEqualTypeOf<Order>();
      if (change.kind === "insert" && change.table === "crm.customers") {
        expectTypeOf(change.new).toEqualTypeOf<Customer>();
        // @ts-expect-error a customer has no status
        void change.new.status;
      }
      if (change.kind === "update" && change.table === "orders" && change.old?.type === "full") {
        expectTypeOf(change.old.row).toEqualTypeOf<Order>();
      }
      if (change.kind === "delete" && change.table === "orders" && change.old.type === "key") {
        expectTypeOf(change.old.row).toEqualTypeOf<Partial<Order>>();
      }
      if (change.kind === "truncate") expectTypeOf(change.tables).toEqualTypeOf<readonly (keyof Shop)[]>();
      // @ts-expect-error there is no such table
      if (change.kind === "insert" && change.table === "order") return;
    },
  });
  expect(spec.id).toBe("s");
});

test("the old row has to be told apart before it is read, and may be missing", () => {
  const onChange: SubscriptionOptions<Shop>["onChange"] = (change) => {
    if (change.kind !== "update" || change.table !== "orders") return;
    // @ts-expect-error `old` is null where the key stayed as it was
    void change.old.row;
    if (change.old === null) return;
    expectTypeOf(change.old.type).toEqualTypeOf<"key" | "full">();
  };
  expect(onChange).toBeTypeOf("function");
});

test("parked and looped transactions have the same types, and without tables a row is what the parsers give", () => {
  const options: Pick<SubscriptionOptions<Shop>, "onFailure" | "onTransaction"> = {
    onTransaction: async ({ changes }) => {
      for await (const change of changes) expectTypeOf(change).toEqualTypeOf<SubscriptionChange<Shop>>();
    },
    onFailure: { park: (transaction) => void expectTypeOf(transaction).toEqualTypeOf<Transaction<Shop>>() },
  };
  expect(Object.keys(options)).toEqual(["onTransaction", "onFailure"]);
  const spec = subscription({
    ...source,
    onChange: (change) => {
      if (change.kind === "insert") expectTypeOf(change.new).toEqualTypeOf<Row>();
    },
  });
  expect(spec.restart).toBeUndefined();
});
