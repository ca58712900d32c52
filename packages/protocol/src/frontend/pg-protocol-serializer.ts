// The one file that imports pg-protocol's serializer. StartupMessage, CancelRequest and CopyData are written by us: it
// appends `client_encoding` to the first, cuts the key of the second to four bytes, and takes only a Buffer in the third.
import { serialize } from "pg-protocol/dist/serializer.js";

/** The messages that it writes right. Text must have been checked for zero bytes. */
export const pgSerializer: Pick<
  typeof serialize,
  | "requestSsl"
  | "query"
  | "password"
  | "sendSASLInitialResponseMessage"
  | "sendSCRAMClientFinalMessage"
  | "copyDone"
  | "copyFail"
  | "end"
> = serialize;
