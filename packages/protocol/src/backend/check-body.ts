import { ByteReader } from "../byte-reader.ts";

/** The codes of the Authentication messages that are understood. */
export const authenticationCodes = { ok: 0, cleartext: 3, md5: 5, sasl: 10, saslContinue: 11, saslFinal: 12 } as const;

/** Walks a body field by field and throws where it is not what its type demands. */
type Check = (body: ByteReader) => void;

const nothing: Check = () => {};

const authentication: Check = (body) => {
  switch (body.int32()) {
    case authenticationCodes.md5:
      body.bytes(4);
      return;
    case authenticationCodes.sasl:
      while (body.cstring() !== "");
      return;
    case authenticationCodes.saslContinue:
    case authenticationCodes.saslFinal:
      body.rest();
      return;
    default:
  }
};

const rowDescription: Check = (body) => {
  for (let fields = count(body); fields > 0; fields--) {
    body.cstring();
    body.bytes(16);
    format(body, body.int16());
  }
};

const dataRow: Check = (body) => {
  for (let values = count(body); values > 0; values--) {
    const length = body.int32();
    if (length !== -1) body.bytes(length);
  }
};

const copyResponse: Check = (body) => {
  format(body, body.uint8());
  for (let columns = count(body); columns > 0; columns--) format(body, body.int16());
};

const readyForQuery: Check = (body) => {
  const status = body.uint8();
  if (status !== 0x49 && status !== 0x54 && status !== 0x45) {
    throw body.malformed(`A transaction status of ${status}`, body.offset - 1);
  }
};

const checks: Readonly<Record<string, Check>> = {
  R: authentication,
  S: (body) => void [body.cstring(), body.cstring()],
  Z: readyForQuery,
  T: rowDescription,
  D: dataRow,
  C: (body) => void body.cstring(),
  I: nothing,
  A: (body) => void [body.int32(), body.cstring(), body.cstring()],
  G: copyResponse,
  H: copyResponse,
  c: nothing,
};

const checksByTypeByte = new Map(Object.entries(checks).map(([letter, check]) => [letter.charCodeAt(0), check]));

/**
 * Whether pg-protocol's parser may see the body: the type is one of those it reads right, and the body is exactly what
 * that type demands. (It takes what is cut short for complete, and doesn't notice what is left over.)
 * @throws ProtocolError `message_truncated`, `message_malformed` or `message_oversized`, with the offset in the body.
 */
export function checkBody(typeByte: number, body: Uint8Array): boolean {
  const check = checksByTypeByte.get(typeByte);
  if (check === undefined) return false;
  const reader = new ByteReader(body);
  check(reader);
  reader.end();
  return true;
}

function count(body: ByteReader): number {
  const value = body.int16();
  if (value < 0) throw body.malformed(`A count of ${value}`, body.offset - 2);
  return value;
}

function format(body: ByteReader, value: number): void {
  if (value !== 0 && value !== 1) throw body.malformed(`A format code of ${value}`);
}
