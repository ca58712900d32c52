import { valueMalformed } from "./value-malformed.ts";

/** The text as the server sent it. */
export const asText = (text: string): string => text;

/** `t` or `f`. @throws ProtocolError `value_malformed` */
export function parseBool(text: string): boolean {
  if (text === "t") return true;
  if (text === "f") return false;
  throw valueMalformed("bool", text);
}

/** int2, int4 and oid. @throws ProtocolError `value_malformed` */
export function parseInteger(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw valueMalformed("int2, int4 or oid", text);
  return Number(text) + 0; // never the number -0
}

/** int8, exact. @throws ProtocolError `value_malformed` */
export function parseInt8(text: string): bigint {
  if (!/^-?\d{1,19}$/.test(text)) throw valueMalformed("int8", text);
  return BigInt(text);
}

/** float4 and float8, `NaN`, `Infinity` and `-Infinity` included. @throws ProtocolError `value_malformed` */
export function parseFloating(text: string): number {
  const value = Number(text);
  if (text === "" || (Number.isNaN(value) && text !== "NaN")) throw valueMalformed("float4 or float8", text);
  return value;
}

/** json and jsonb, by `JSON.parse`: numbers beyond a double's 53 bits are rounded, of equal keys the last one stays. */
export function parseJson(text: string): unknown {
  return JSON.parse(text);
}

/** bytea in either `bytea_output`, as bytes of its own. @throws ProtocolError `value_malformed` */
export function parseBytea(text: string): Buffer {
  return text.startsWith("\\x") ? hexBytes(text) : escapedBytes(text);
}

function hexBytes(text: string): Buffer {
  const bytes = Buffer.from(text.slice(2), "hex");
  if (bytes.length * 2 !== text.length - 2) throw valueMalformed("bytea", text);
  return bytes;
}

/** `bytea_output = escape`: printable characters as themselves, a backslash doubled, other bytes as `\` and 3 octal digits. */
function escapedBytes(text: string): Buffer {
  const plain = text.replace(/\\(?:(\\)|([0-3][0-7]{2})|)/g, (match, backslash?: string, octal?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    if (backslash === undefined) throw valueMalformed("bytea", `${match} in ${text}`);
    return backslash;
  });
  return Buffer.from(plain, "latin1");
}
