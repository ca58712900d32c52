import { ProtocolError } from "./protocol-error.ts";

/**
 * Text that can go to Postgres as it is: a string, without a zero byte (which would end it early) and without half a
 * surrogate pair (which would silently become U+FFFD). `what` begins the sentence of the error.
 * @throws ProtocolError `text_invalid`.
 */
export function checkText(text: string, what: string): string {
  if (typeof text !== "string") throw new ProtocolError("text_invalid", `${what} is a ${typeof text}, not a string.`);
  if (text.includes("\0")) throw new ProtocolError("text_invalid", `${what} has a zero byte in it.`);
  if (/\p{Surrogate}/u.test(text)) {
    throw new ProtocolError("text_invalid", `${what} has half a surrogate pair in it.`);
  }
  return text;
}
