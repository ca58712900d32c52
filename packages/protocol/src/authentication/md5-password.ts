import { createHash } from "node:crypto";
import { ProtocolError } from "../protocol-error.ts";

/** What an md5 answer is made of. */
export interface Md5Credentials {
  readonly user: string;
  readonly password: string;
  /** The 4 bytes of AuthenticationMD5Password. */
  readonly salt: Uint8Array;
}

/**
 * The text to send as password when the server asks for md5: `md5` and 32 hexadecimal digits.
 * @throws ProtocolError `authentication_unsupported` when this Node was built or started without md5 (FIPS).
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP
 */
export function md5Password({ user, password, salt }: Md5Credentials): string {
  return `md5${md5(Buffer.concat([Buffer.from(md5(Buffer.from(password + user))), salt]))}`;
}

function md5(bytes: Uint8Array): string {
  try {
    return createHash("md5").update(bytes).digest("hex");
  } catch (cause) {
    throw new ProtocolError("authentication_unsupported", "The server asks for md5, which this Node does not have.", {
      cause,
    });
  }
}
