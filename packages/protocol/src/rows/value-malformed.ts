import { ProtocolError } from "../protocol-error.ts";

/** The error for a value that is not in the form of its type; the text is cut to 64 characters. */
export function valueMalformed(type: string, text: string, options?: ErrorOptions): ProtocolError {
  const shown = JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
  return new ProtocolError("value_malformed", `${shown} is not the text of a value of type ${type}.`, options);
}
