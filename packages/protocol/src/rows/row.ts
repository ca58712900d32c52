/**
 * Stands in a row for a TOASTed value that an update left as it was, and that the server therefore did not send. It is
 * neither null nor absent: leave the column alone downstream, or see {@link fillUnchangedToast}.
 */
export const unchangedToast: unique symbol = Symbol("unchangedToast");

/**
 * A row as a plain object: one own property for each column, under the column's name as it is (`__proto__` and
 * `constructor` included), in the table's order, but for names like `7`, which JS puts first. SQL NULL is `null`; `undefined` never occurs.
 */
export interface Row {
  [column: string]: unknown;
}

/**
 * `row` with each {@link unchangedToast} replaced by the value in `old`. Complete when `old` is the whole old row
 * (replica identity full, `old.type === "full"`); what an old key does not have stays `unchangedToast`. Answers with
 * `row` itself when there is nothing to replace.
 */
export function fillUnchangedToast(row: Row, old: Row): Row {
  let filled = row;
  for (const column of Object.keys(row)) {
    if (row[column] !== unchangedToast || !Object.hasOwn(old, column)) continue;
    if (filled === row) filled = { ...row };
    filled[column] = old[column];
  }
  return filled;
}
