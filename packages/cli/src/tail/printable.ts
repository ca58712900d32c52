import type { Lsn } from "@trunkline/protocol";
import type { AnyChange, StandaloneMessage, Transaction } from "@trunkline/subscription";
import type { OperationName, TailFilter } from "./tail-request.ts";

/** What is printed as one line: a change and the transaction it belongs to, or a message outside of transactions. */
export type Printable =
  | { readonly type: "change"; readonly change: AnyChange; readonly transaction: TransactionHead }
  | { readonly type: "message"; readonly message: StandaloneMessage };

/** What each change of a transaction is printed with. */
export type TransactionHead = Pick<Transaction, "xid" | "committedAt"> & { readonly commitLsn: Lsn };

/** Whether a filter lets it through. Messages belong to no table, so they don't pass a filter by tables alone. */
export function passes(item: Printable, { tables, operations }: TailFilter): boolean {
  const kind: OperationName = item.type === "message" ? "message" : item.change.kind;
  if (operations !== undefined && !operations.has(kind)) return false;
  if (tables === undefined) return true;
  if (item.type === "message" || item.change.kind === "message") return operations?.has("message") === true;
  if (item.change.kind === "truncate") return item.change.tables.some((table) => tables.has(table));
  return tables.has(item.change.table);
}
