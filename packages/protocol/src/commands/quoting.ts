import { ProtocolError } from "../protocol-error.ts";
import { checkText } from "../text.ts";

/** The longest identifier in bytes of UTF-8. The server cuts a longer one silently, and may then mean another object. */
const MAX_IDENTIFIER_BYTES = 63;

/**
 * An SQL identifier in double quotes: case, spaces, quotes and unicode are kept.
 * @throws ProtocolError `identifier_invalid` when it is empty or longer than 63 bytes; `text_invalid` for a zero byte
 * or half a surrogate pair.
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
 */
export function quoteIdentifier(name: string): string {
  checkText(name, "An identifier");
  if (name === "") throw new ProtocolError("identifier_invalid", "An identifier is empty.");
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_IDENTIFIER_BYTES) {
    const start = JSON.stringify(name.slice(0, 32));
    throw new ProtocolError(
      "identifier_invalid",
      `The identifier that begins with ${start} has ${bytes} bytes; the server would cut it to ${MAX_IDENTIFIER_BYTES}.`,
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A string constant in single quotes, for replication commands and for SQL under `standard_conforming_strings = on`,
 * which is the default: a backslash is an ordinary character in both.
 * @throws ProtocolError `text_invalid` for a zero byte or half a surrogate pair.
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS
 */
export function quoteLiteral(text: string): string {
  return `'${checkText(text, "A string constant").replaceAll("'", "''")}'`;
}

/**
 * A replication slot's name, in double quotes. Postgres allows lower-case letters, digits and underscores.
 * @throws ProtocolError `identifier_invalid` for anything else, or more than 63 characters (which the server would cut).
 * @see https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS-MANIPULATION
 */
export function quoteSlotName(slot: string): string {
  if (typeof slot !== "string" || !/^[a-z0-9_]{1,63}$/.test(slot)) {
    const shown = typeof slot === "string" ? JSON.stringify(slot.slice(0, 80)) : `The ${typeof slot} ${String(slot)}`;
    throw new ProtocolError(
      "identifier_invalid",
      `${shown} is not a slot name: 1 to 63 lower-case letters, digits and underscores.`,
    );
  }
  return `"${slot}"`;
}
