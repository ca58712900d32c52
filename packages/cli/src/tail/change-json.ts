import { formatLsn, type RelationMessage, type Row, unchangedToast } from "@trunkline/protocol";
import { type AnyChange, formatPosition } from "@trunkline/subscription";
import { columnText, isJson, utf8OrUndefined } from "./column-text.ts";
import type { Printable } from "./printable.ts";

/**
 * One line of `--json`, without its end. Numbers that JSON can't hold exactly are text: `int8`, `numeric`, NaN; so are
 * LSNs, times and bytes (`\x…`). Columns of json and jsonb stand as the server wrote them.
 */
export function changeJson(item: Printable): string {
  if (item.type === "message") {
    const { message } = item;
    const head = {
      kind: "message",
      position: formatPosition(message.position),
      lsn: formatLsn(message.position.commitLsn),
    };
    return JSON.stringify({ ...head, transactional: false, prefix: message.prefix, ...contentOf(message.content) });
  }
  const { change, transaction } = item;
  const head = JSON.stringify({
    kind: change.kind,
    position: formatPosition(change.position),
    lsn: formatLsn(transaction.commitLsn),
    xid: transaction.xid,
    committedAt: transaction.committedAt,
  });
  return `${head.slice(0, -1)},${bodyOf(change)}}`;
}

function bodyOf(change: AnyChange): string {
  switch (change.kind) {
    case "insert":
      return `${tableOf(change)},"new":${rowJson(change.new, change.relation)}`;
    case "update": {
      const { old, relation } = change;
      const unchanged = unchangedColumns(change.new);
      const before = old === null ? "null" : `{"type":"${old.type}","row":${rowJson(old.row, relation)}}`;
      const left = unchanged.length > 0 ? `,"unchanged":${JSON.stringify(unchanged)}` : "";
      return `${tableOf(change)},"old":${before},"new":${rowJson(change.new, relation)}${left}`;
    }
    case "delete":
      return `${tableOf(change)},"old":{"type":"${change.old.type}","row":${rowJson(change.old.row, change.relation)}}`;
    case "truncate": {
      const { tables, cascade, restartIdentity } = change;
      return inner({ tables, cascade, restartIdentity });
    }
    case "message":
      return inner({ transactional: true, prefix: change.prefix, ...contentOf(change.content) });
    case "relation": {
      const { diff, relation, table } = change;
      const names = (columns: readonly { readonly name: string }[]): readonly string[] =>
        columns.map(({ name }) => name);
      return inner({
        table,
        columns: names(relation.columns),
        added: names(diff.added),
        removed: names(diff.removed),
        altered: names(diff.altered.map(({ after }) => after)),
        renamedFrom: diff.renamedFrom === undefined ? null : `${diff.renamedFrom.schema}.${diff.renamedFrom.name}`,
      });
    }
  }
}

const inner = (body: object): string => JSON.stringify(body).slice(1, -1);

const tableOf = ({ table }: { readonly table: string }): string => `"table":${JSON.stringify(table)}`;

/** A row in its columns' order; what an update left alone, and what an old key does not have, is left out. */
function rowJson(row: Readonly<Partial<Row>>, { columns }: RelationMessage): string {
  const members = columns.flatMap(({ name, typeOid }) => {
    if (!Object.hasOwn(row, name) || row[name] === unchangedToast) return [];
    return [`${JSON.stringify(name)}:${valueJson(row[name], typeOid)}`];
  });
  return `{${members.join(",")}}`;
}

function valueJson(value: unknown, typeOid: number): string {
  // JSON allows line ends between its tokens only, where a space does as well.
  if (typeof value === "string" && isJson(typeOid)) return value.replaceAll(/[\r\n]+/g, " ");
  return JSON.stringify(exact(value));
}

function exact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => exact(item));
  if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))) return String(value);
  return value instanceof Uint8Array ? columnText(value) : value;
}

const unchangedColumns = (row: Row): readonly string[] =>
  Object.entries(row).flatMap(([name, value]) => (value === unchangedToast ? [name] : []));

function contentOf(content: Uint8Array): { readonly content: string } | { readonly contentHex: string } {
  const text = utf8OrUndefined(content);
  return text === undefined ? { contentHex: Buffer.from(content).toString("hex") } : { content: text };
}
