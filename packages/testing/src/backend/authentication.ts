import { type BackendMessage, cstring, int32, message } from "./message.ts";

/** @see https://www.postgresql.org/docs/current/protocol-message-formats.html for all of these */

/** The client is let in. */
export const authenticationOk = (): BackendMessage => message("R", int32(0));

/** Asks for the password as it is. */
export const authenticationCleartextPassword = (): BackendMessage => message("R", int32(3));

/** Asks for the password hashed with md5 and these 4 bytes. */
export const authenticationMd5Password = (salt: Uint8Array): BackendMessage => message("R", int32(5), salt);

/** Asks for a SASL exchange by one of these mechanisms, best first. */
export const authenticationSasl = (mechanisms: readonly string[]): BackendMessage =>
  message("R", int32(10), ...mechanisms.map(cstring), Buffer.from([0]));

/** The server's next word in a SASL exchange. */
export const authenticationSaslContinue = (data: string | Uint8Array): BackendMessage =>
  message("R", int32(11), Buffer.from(data));

/** The server's last word in a SASL exchange. */
export const authenticationSaslFinal = (data: string | Uint8Array): BackendMessage =>
  message("R", int32(12), Buffer.from(data));

/** Any other authentication request, for clients that must refuse what they don't know. */
export const authenticationRequest = (code: number, data: Uint8Array = Buffer.alloc(0)): BackendMessage =>
  message("R", int32(code), data);
