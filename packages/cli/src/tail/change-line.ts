import { formatLsn, type RelationMessage, type Row, unchangedToast } from "@trunkline/protocol";
import type { AnyChange } from "@trunkline/subscription";
import type { Colours } from "../terminal/colours.ts";
import { columnText, utf8OrUndefined } from "./column-text.ts";
import type { Printable } from "./printable.ts";

/** Longer values are cut; `--json` has them whole. */
const longestValue = 200;

/**
 * One readable line, without its end: when and where it was committed, what was done to which table, the row. `was` tells
 * the old values, as far as the server sends them.
 */
export function changeLine(item: Printable, colours: Colours): string {
  if (item.type === "message") {
    const { prefix, content, position } = item.message;
    return `${colours.dim(formatLsn(position.commitLsn))} ${colours.bold("message")} ${messageText(prefix, content)}`;
  }
  const { change, transaction } = item;
  const { committedAt, commitLsn } = transaction;
  const when = Number.isNaN(committedAt.getTime()) ? "infinity" : committedAt.toISOString();
  return `${colours.dim(`${when} ${formatLsn(commitLsn)}`)} ${changeText(change, colours)}`;
}

function changeText(change: AnyChange, { green, yellow, red, bold }: Colours): string {
  switch (change.kind) {
    case "insert":
      return `${green("insert")} ${bold(change.table)} ${rowText(change.new, change.relation)}`;
    case "update":
      return `${yellow("update")} ${bold(change.table)} ${rowText(change.new, change.relation)}${wasText(change)}`;
    case "delete":
      return `${red("delete")} ${bold(change.table)} ${rowText(change.old.row, change.relation)}`;
    case "truncate": {
      const extras = [change.cascade ? "cascade" : "", change.restartIdentity ? "restart identity" : ""].filter(
        Boolean,
      );
      return `${red("truncate")} ${bold(change.tables.join(", "))}${extras.length > 0 ? ` (${extras.join(", ")})` : ""}`;
    }
    case "message":
      return `${bold("message")} ${messageText(change.prefix, change.content)}`;
    case "relation":
      return `${bold("relation")} ${bold(change.table)} ${diffText(change)}`;
  }
}

/** The columns in their order; an old key has some of them only. */
function rowText(row: Readonly<Partial<Row>>, { columns }: RelationMessage): string {
  return columns
    .flatMap(({ name }) => (!Object.hasOwn(row, name) ? [] : [`${bare(name)}=${valueText(row[name])}`]))
    .join(" ");
}

/** What is different in the old row, where the server sent it. */
function wasText({ old, new: now, relation }: Extract<AnyChange, { kind: "update" }>): string {
  if (old === null) return "";
  const before: Readonly<Partial<Row>> = old.row;
  const different = relation.columns.flatMap(({ name }) => {
    if (!Object.hasOwn(before, name)) return [];
    const value = before[name];
    if (now[name] === unchangedToast || columnText(value) === columnText(now[name])) return [];
    return [`${bare(name)}=${valueText(value)}`];
  });
  return different.length === 0 ? "" : ` was ${different.join(" ")}`;
}

function diffText({ diff, relation }: Extract<AnyChange, { kind: "relation" }>): string {
  const list = (what: string, names: readonly string[]): string[] =>
    names.length > 0 ? [`${what} ${names.join(", ")}`] : [];
  const parts = [
    ...(diff.renamedFrom === undefined ? [] : [`was ${diff.renamedFrom.schema}.${diff.renamedFrom.name}`]),
    ...list(
      "added",
      diff.added.map(({ name }) => name),
    ),
    ...list(
      "removed",
      diff.removed.map(({ name }) => name),
    ),
    ...list(
      "altered",
      diff.altered.map(({ after }) => after.name),
    ),
    ...(diff.identityFrom === undefined ? [] : [`replica identity is ${relation.replicaIdentity}`]),
  ];
  return `(${parts.join("; ")})`;
}

function messageText(prefix: string, content: Uint8Array): string {
  return `${bare(prefix)} ${bare(cut(utf8OrUndefined(content) ?? columnText(content)))}`;
}

function valueText(value: unknown): string {
  if (value === unchangedToast) return "(unchanged)";
  if (value === null) return "null";
  const text = columnText(value);
  return text === "null" ? "'null'" : bare(cut(text));
}

/** A word as it is; all else as an SQL literal, or, with control characters, as JSON: a line is always one line. */
function bare(text: string): string {
  if (/^[^\s"'=\p{C}]+$/u.test(text)) return text;
  return /\p{C}/u.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}

const cut = (text: string): string =>
  text.length > longestValue ? `${text.slice(0, longestValue)}… (${text.length} characters)` : text;
