import {
  encodePrimaryKeepalive,
  encodeXLogData,
  type PrimaryKeepalive,
  parseLsn,
  type XLogData,
  ZERO_LSN,
} from "@trunkline/protocol";
import { type BackendMessage, int16, message } from "./message.ts";

/** How the data is: 0 text, 1 binary; and the same for each column. Replication streams have no columns. */
export interface CopyFormat {
  /** Default 0. */
  readonly format?: 0 | 1;
  /** Default none. */
  readonly columns?: readonly (0 | 1)[];
}

/** A replication stream begins: both sides may send. */
export const copyBothResponse = (format?: CopyFormat): BackendMessage => message("W", copyBody(format));

/** The server's data follows (`COPY … TO STDOUT`). */
export const copyOutResponse = (format?: CopyFormat): BackendMessage => message("H", copyBody(format));

/** The server wants the client's data (`COPY … FROM STDIN`). */
export const copyInResponse = (format?: CopyFormat): BackendMessage => message("G", copyBody(format));

/** One piece of data. */
export const copyData = (body: string | Uint8Array): BackendMessage => message("d", Buffer.from(body));

/** The server has no more data. */
export const copyDone = (): BackendMessage => message("c");

/** CopyData around a piece of WAL. LSNs may be given as text; the clock is 0 unless given. */
export function xLogData(
  data: string | Uint8Array,
  options: { readonly walStart?: string; readonly walEnd?: string; readonly clock?: bigint } = {},
): BackendMessage {
  const walStart = options.walStart === undefined ? ZERO_LSN : parseLsn(options.walStart);
  const walEnd = options.walEnd === undefined ? walStart : parseLsn(options.walEnd);
  const body: Omit<XLogData, "type"> = { walStart, walEnd, clock: options.clock ?? 0n, data: Buffer.from(data) };
  return copyData(encodeXLogData(body));
}

/** CopyData around a keepalive. */
export function primaryKeepalive(
  walEnd: string,
  options: { readonly replyRequested?: boolean; readonly clock?: bigint } = {},
): BackendMessage {
  const { replyRequested = false, clock = 0n } = options;
  const body: Omit<PrimaryKeepalive, "type"> = { walEnd: parseLsn(walEnd), clock, replyRequested };
  return copyData(encodePrimaryKeepalive(body));
}

function copyBody({ format = 0, columns = [] }: CopyFormat = {}): Buffer {
  return Buffer.concat([Buffer.from([format]), int16(columns.length), ...columns.map(int16)]);
}
