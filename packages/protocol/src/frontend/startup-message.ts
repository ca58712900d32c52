import { ProtocolError } from "../protocol-error.ts";
import { checkText } from "../text.ts";

/** Minor versions of protocol 3: `3.0` is understood by every server, `3.2` (PostgreSQL 18) has long cancel keys. */
export type ProtocolVersion = "3.0" | "3.2";

/** The server reads no more than 10000 bytes behind the length, and hangs up without a word when there are. */
const MAX_LENGTH = 10_004;

const versionNumbers: Readonly<Record<ProtocolVersion, number>> = { "3.0": 0x3_0000, "3.2": 0x3_0002 };

/**
 * The first message of a session. Parameters go out in the order given: `user` first, then `database`, then the rest,
 * is Postgres' own custom; `replication: "database"` makes it a logical replication session. Nothing is added.
 * @throws ProtocolError `option_invalid` without a `user`, for an empty name, or above 10000 bytes; `text_invalid` for a value that is not
 * a string, or has a zero byte or half a surrogate pair in it.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-STARTUPMESSAGE
 */
export function encodeStartupMessage(
  parameters: Readonly<Record<string, string>>,
  version: ProtocolVersion = "3.0",
): Buffer {
  if (!Object.hasOwn(parameters, "user") || parameters["user"] === "") {
    throw new ProtocolError("option_invalid", "A StartupMessage has no `user`.");
  }
  let text = "";
  for (const [name, value] of Object.entries(parameters)) {
    if (name === "") throw new ProtocolError("option_invalid", "A startup parameter has an empty name.");
    text += `${checkText(name, "A startup parameter's name")}\0${checkText(value, `The startup parameter ${name}`)}\0`;
  }
  const length = 8 + Buffer.byteLength(text) + 1;
  if (length > MAX_LENGTH) {
    const over = length - MAX_LENGTH;
    throw new ProtocolError("option_invalid", `The startup parameters are ${over} bytes longer than a server reads.`);
  }
  const message = Buffer.alloc(length);
  message.writeUInt32BE(length, 0);
  message.writeUInt32BE(versionNumbers[version], 4);
  message.write(text, 8);
  return message;
}
