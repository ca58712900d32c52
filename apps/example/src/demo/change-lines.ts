import { type DecodedMessage, formatLsn, type Lsn, type Row, unchangedToast } from "@trunkline/protocol";
import type { Palette } from "./palette.ts";

const longestText = 32;

/**
 * One decoded message as the demo prints it, or `undefined` for those it keeps quiet about (Relation, Type, Origin).
 * `at`: where the message stands in the WAL.
 */
export function changeLine(message: DecodedMessage, at: Lsn, palette: Palette): string | undefined {
  const { bold, cyan, dim, green, red, yellow } = palette;
  switch (message.kind) {
    case "begin":
      return dim(`BEGIN     transaction ${message.xid}`);
    case "commit":
      return dim(`COMMIT    ends at ${formatLsn(message.endLsn)}`);
    case "insert":
      return `${where(at, palette)} ${green("INSERT")}    ${bold(message.relation.name)} ${row(message.new)}`;
    case "update": {
      const old = message.old === null ? "" : `${dim("was")} ${row(message.old.row)} ${dim("now")} `;
      return `${where(at, palette)} ${yellow("UPDATE")}    ${bold(message.relation.name)} ${old}${row(message.new)}`;
    }
    case "delete":
      return `${where(at, palette)} ${red("DELETE")}    ${bold(message.relation.name)} ${row(message.old.row)}`;
    case "truncate": {
      const names = message.relations.map(({ name }) => name).join(", ");
      return `${where(at, palette)} ${red("TRUNCATE")}  ${bold(names)}`;
    }
    case "message":
      return `${where(at, palette)} ${cyan("MESSAGE")}   ${message.prefix}`;
    default:
      return undefined;
  }
}

function where(at: Lsn, { dim }: Palette): string {
  return dim(`  ${formatLsn(at)}`.padEnd(14));
}

function row(values: Row): string {
  return Object.entries(values)
    .map(([column, value]) => `${column}=${shown(value)}`)
    .join(" ");
}

/** A value on one line, and short: the demo is for eyes. */
export function shown(value: unknown): string {
  if (value === null) return "NULL";
  if (value === unchangedToast) return "(unchanged TOAST)";
  if (typeof value === "string" && value.length > longestText) {
    return `'${value.slice(0, longestText)}…' (${value.length} characters)`;
  }
  if (typeof value === "string") return `'${value}'`;
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}
