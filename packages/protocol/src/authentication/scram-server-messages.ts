import { ProtocolError } from "../protocol-error.ts";

/** The server's first SCRAM message. */
export interface ScramServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** The server's last SCRAM message. */
export type ScramServerFinal =
  | { readonly type: "signature"; readonly signature: Uint8Array }
  | { readonly type: "error"; readonly error: string };

const BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?";
const serverFirst = new RegExp(`^r=([\\x21-\\x2b\\x2d-\\x7e]+),s=(${BASE64}),i=([1-9][0-9]{0,9})(?:,.*)?$`, "s");
const serverFinal = new RegExp(`^(?:v=(${BASE64})|e=([^,]+))(?:,.*)?$`, "s");

/**
 * Reads `r=…,s=…,i=…`. An extension after them is optional and skipped; one before them (`m=`) is mandatory and unknown.
 * @throws ProtocolError `authentication_malformed`.
 * @see https://www.rfc-editor.org/rfc/rfc5802#section-7
 */
export function readServerFirst(message: string): ScramServerFirst {
  const [, nonce, salt, iterations] = serverFirst.exec(message) ?? [];
  if (nonce === undefined || !salt || iterations === undefined) {
    throw new ProtocolError("authentication_malformed", "The server's first SCRAM message is not `r=…,s=…,i=…`.");
  }
  return { nonce, salt: Buffer.from(salt, "base64"), iterations: Number(iterations) };
}

/**
 * Reads `v=…` or `e=…`.
 * @throws ProtocolError `authentication_malformed`.
 * @see https://www.rfc-editor.org/rfc/rfc5802#section-7
 */
export function readServerFinal(message: string): ScramServerFinal {
  const [whole, signature, error] = serverFinal.exec(message) ?? [];
  if (whole !== undefined && error !== undefined) return { type: "error", error };
  if (whole !== undefined && signature) return { type: "signature", signature: Buffer.from(signature, "base64") };
  throw new ProtocolError("authentication_malformed", "The server's last SCRAM message is neither `v=…` nor `e=…`.");
}
