import { type DecodedMessage, formatLsn, type RelationMessage, type Row, unchangedToast } from "../src/index.ts";

/** One line for a decoded message, for people to read and for tests to compare. */
export function showMessage(message: DecodedMessage): string {
  const { kind, ...fields } = message;
  return `${kind} ${showValue(fields)}`;
}

function showValue(value: unknown, name = ""): string {
  if (value === unchangedToast) return "<unchanged TOAST>";
  if (typeof value === "bigint") return name.endsWith("Lsn") || name === "lsn" ? formatLsn(value) : `${value}n`;
  if (typeof value === "number" && Object.is(value, -0)) return "-0";
  if (typeof value === "number") return String(value);
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString("hex")}>`;
  if (typeof value === "string") return showString(value);
  if (Array.isArray(value)) return `[${value.map((item) => showValue(item)).join(", ")}]`;
  if (isRelation(value)) return `${value.schema}.${value.name}`;
  if (typeof value === "object" && value !== null) return showObject(value as Row);
  return String(value);
}

/** Every own property, `__proto__` included. */
function showObject(object: Row): string {
  const shown = Object.getOwnPropertyNames(object).map((name) => `${name}: ${showValue(object[name], name)}`);
  return `{${shown.join(", ")}}`;
}

/** Long runs of one character are told by their length. */
function showString(text: string): string {
  return JSON.stringify(text.replace(/(.)\1{99,}/g, (run, character: string) => `${character}×${run.length}`));
}

function isRelation(value: unknown): value is RelationMessage {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "relation";
}
