import { encodeFrame } from "@trunkline/protocol";

/** The frames a server sends before and after a stream, as far as clients of the bench need them. */
export const backendFrames = {
  authenticationOk: encodeFrame("R", uint32(0)),
  readyForQuery: encodeFrame("Z", Buffer.from("I")),
  copyBothResponse: encodeFrame("W", Buffer.from([0, 0, 0])),
  copyDone: encodeFrame("c", Buffer.alloc(0)),
  backendKeyData: encodeFrame("K", Buffer.concat([uint32(1), uint32(2)])),
  parameterStatus: (name: string, value: string) => encodeFrame("S", Buffer.from(`${name}\0${value}\0`)),
  commandComplete: (tag: string) => encodeFrame("C", Buffer.from(`${tag}\0`)),
  errorResponse: (message: string) => encodeFrame("E", Buffer.from(`SERROR\0VERROR\0C0A000\0M${message}\0\0`)),
  /** A keepalive; `replyRequested`: the client shall send a status update now. */
  keepalive: (walEnd: bigint, replyRequested: boolean) => {
    const body = Buffer.alloc(18);
    body[0] = 0x6b;
    body.writeBigUInt64BE(walEnd, 1);
    body[17] = replyRequested ? 1 : 0;
    return encodeFrame("d", body);
  },
  /** One row of text columns, with its description and the end of the command. */
  oneRow: (row: Readonly<Record<string, string | null>>, tag: string) => {
    const names = Object.keys(row);
    const description = names.map((name) =>
      Buffer.concat([
        Buffer.from(`${name}\0`),
        uint32(0),
        uint16(0),
        uint32(TEXT_OID),
        uint16(0xffff),
        uint32(0xffff_ffff),
        uint16(0),
      ]),
    );
    const values = Object.values(row).map((value) =>
      value === null ? uint32(0xffff_ffff) : Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value)]),
    );
    return Buffer.concat([
      encodeFrame("T", Buffer.concat([uint16(names.length), ...description])),
      encodeFrame("D", Buffer.concat([uint16(names.length), ...values])),
      encodeFrame("C", Buffer.from(`${tag}\0`)),
    ]);
  },
} as const;

const TEXT_OID = 25;

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
