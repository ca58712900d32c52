import type { Delta, Proc, ProcChange, Ref } from "../wire.ts";

/** What makes one list of rows out of another. */
export type Difference = Pick<Delta, "changed" | "gone" | "order">;

/** The fields, processes and orders that differ; `undefined` when nothing does. */
export function difference(before: readonly Proc[], after: readonly Proc[]): Difference | undefined {
  if (before === after) return undefined;
  const known = new Map(before.map((row) => [row.ref, row]));
  const changed = after.flatMap((row) => changeOf(known.get(row.ref), row));
  const left = new Set(after.map(({ ref }) => ref));
  const gone = before.flatMap(({ ref }) => (left.has(ref) ? [] : [ref]));
  const order = changedOrders(before, after);
  if (changed.length === 0 && gone.length === 0 && order === undefined) return undefined;
  return { changed, gone, ...(order === undefined ? {} : { order }) };
}

function changeOf(before: Proc | undefined, after: Proc): ProcChange[] {
  if (before === after) return [];
  if (before === undefined) return [after];
  const old = new Map(Object.entries(before));
  const now = new Map(Object.entries(after));
  const fields = [
    ...[...now].filter(([field, value]) => !isEqual(old.get(field), value)),
    ...[...old.keys()].filter((field) => !now.has(field)).map((field) => [field, null] as const),
  ];
  return fields.length === 0 ? [] : [{ ...Object.fromEntries(fields), ref: after.ref }];
}

function changedOrders(before: readonly Proc[], after: readonly Proc[]): Record<Ref, readonly Ref[]> | undefined {
  const old = childrenByParent(before);
  const orders = [...childrenByParent(after)].filter(([parent, refs]) => !isEqual(old.get(parent), refs));
  return orders.length === 0 ? undefined : Object.fromEntries(orders);
}

function childrenByParent(rows: readonly Proc[]): Map<Ref, Ref[]> {
  const children = new Map<Ref, Ref[]>();
  for (const { ref, parent } of rows) {
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [ref]);
    else siblings.push(ref);
  }
  return children;
}

function isEqual(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === "object" && JSON.stringify(one) === JSON.stringify(other));
}
