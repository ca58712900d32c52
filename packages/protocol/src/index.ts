// The public names of @trunkline/protocol, one block for each idea.

export { ByteReader } from "./byte-reader.ts";
export { ProtocolError, type ProtocolErrorCode, type ProtocolErrorOptions } from "./protocol-error.ts";
