import { ByteReader } from "../byte-reader.ts";
import { ProtocolError } from "../protocol-error.ts";
import { messageKind, type PgoutputMessage } from "./pgoutput-message.ts";
import {
  readBeginPrepare,
  readCommitPrepared,
  readPrepare,
  readRollbackPrepared,
  readStreamPrepare,
} from "./prepared-messages.ts";
import { readRelation, readType } from "./relation-messages.ts";
import { readDelete, readInsert, readTruncate, readUpdate } from "./row-messages.ts";
import { readStreamAbort, readStreamCommit, readStreamStart } from "./stream-messages.ts";
import { readBegin, readCommit, readLogicalMessage, readOrigin } from "./transaction-messages.ts";

/**
 * Decodes the messages of one START_REPLICATION, in the order in which they came. It remembers one thing: whether it is
 * between Stream Start and Stream Stop, where messages carry an xid that nothing on the wire announces.
 */
export interface PgoutputDecoder {
  /**
   * Decodes one whole message, which starts at `offset` (default 0) and ends before `end` (default: with the bytes): an
   * XLogData's payload, or the XLogData itself with an offset of 25. Tuple columns of the result are views of these bytes; all else is copied.
   *
   * After an error the decoder no longer knows where it is: it answers with `decoder_failed` until `reset()`.
   * @throws ProtocolError `message_truncated`, `message_oversized`, `message_malformed`, `message_unknown`,
   * `decoder_failed`; `offset` counts from the first of the bytes.
   */
  decode(bytes: Uint8Array, offset?: number, end?: number): PgoutputMessage;
  /** The top transaction's xid between Stream Start and Stream Stop, else `null`. */
  readonly streamXid: number | null;
  /** Forgets the stream and an earlier error. Call it for each new START_REPLICATION. */
  reset(): void;
}

/** A decoder for protocol versions 1 to 4; the version need not be told. Tuples stay undecoded. */
export function createPgoutputDecoder(): PgoutputDecoder {
  return new Decoder();
}

class Decoder implements PgoutputDecoder {
  #streamXid: number | null = null;
  #failure: unknown;

  get streamXid(): number | null {
    return this.#streamXid;
  }

  decode(bytes: Uint8Array, offset = 0, end: number = bytes.length): PgoutputMessage {
    if (this.#failure !== undefined) throw decoderFailed(this.#failure);
    try {
      checkEnd(bytes, end);
      const upToEnd = end === bytes.length ? bytes : bytes.subarray(0, end);
      const message = decodeMessage(upToEnd, offset, this.#streamXid);
      if (message.kind === "streamStart") this.#streamXid = message.xid;
      else if (message.kind === "streamStop") this.#streamXid = null;
      return message;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  reset(): void {
    this.#streamXid = null;
    this.#failure = undefined;
  }
}

/** @throws ProtocolError `message_truncated` when a message is said to end beyond the bytes it stands in. */
export function checkEnd({ length }: Uint8Array, end: number): void {
  if (end <= length) return;
  const what = `The message is said to end before byte ${end}, but there are ${length} bytes.`;
  throw new ProtocolError("message_truncated", what, { offset: length });
}

/** The error for using a decoder that has thrown. */
export function decoderFailed(cause: unknown): ProtocolError {
  return new ProtocolError("decoder_failed", "An earlier message of this stream could not be decoded.", { cause });
}

/**
 * Decodes one whole message without any memory. `streamXid`: the top transaction's xid between Stream Start and Stream
 * Stop, else `null`. Tuple columns are views of `bytes`; all else is copied.
 * @throws ProtocolError `message_truncated`, `message_oversized`, `message_malformed` or `message_unknown`.
 */
export function decodeMessage(bytes: Uint8Array, offset: number, streamXid: number | null): PgoutputMessage {
  const reader = new ByteReader(bytes, offset);
  const tag = reader.uint8();
  const message = streamXid === null ? readPlain(reader, tag) : readStreamed(reader, tag, streamXid);
  if (message === null) throw notHere(tag, offset, streamXid);
  reader.end();
  return message;
}

function readPlain(reader: ByteReader, tag: number): PgoutputMessage | null {
  switch (messageKind(tag)) {
    case "begin":
      return readBegin(reader);
    case "commit":
      return readCommit(reader);
    case "origin":
      return readOrigin(reader);
    case "streamStart":
      return readStreamStart(reader);
    case "streamCommit":
      return readStreamCommit(reader);
    case "streamAbort":
      return readStreamAbort(reader);
    case "beginPrepare":
      return readBeginPrepare(reader);
    case "prepare":
      return readPrepare(reader);
    case "commitPrepared":
      return readCommitPrepared(reader);
    case "rollbackPrepared":
      return readRollbackPrepared(reader);
    case "streamPrepare":
      return readStreamPrepare(reader);
    default:
      return readWithXid(reader, tag, false);
  }
}

function readStreamed(reader: ByteReader, tag: number, streamXid: number): PgoutputMessage | null {
  switch (messageKind(tag)) {
    case "origin":
      return readOrigin(reader);
    case "streamStop":
      return { kind: "streamStop", xid: streamXid };
    default:
      return readWithXid(reader, tag, true);
  }
}

/** The messages that are prefixed with an xid inside a stream, and only there. */
function readWithXid(reader: ByteReader, tag: number, prefixed: boolean): PgoutputMessage | null {
  switch (messageKind(tag)) {
    case "relation":
      return readRelation(reader, prefixed ? reader.uint32() : null);
    case "type":
      return readType(reader, prefixed ? reader.uint32() : null);
    case "insert":
      return readInsert(reader, prefixed ? reader.uint32() : null);
    case "update":
      return readUpdate(reader, prefixed ? reader.uint32() : null);
    case "delete":
      return readDelete(reader, prefixed ? reader.uint32() : null);
    case "truncate":
      return readTruncate(reader, prefixed ? reader.uint32() : null);
    case "message":
      return readLogicalMessage(reader, prefixed ? reader.uint32() : null);
    default:
      return null;
  }
}

function notHere(tag: number, offset: number, streamXid: number | null): ProtocolError {
  const kind = messageKind(tag);
  if (kind === undefined) {
    const letter = JSON.stringify(String.fromCharCode(tag));
    return new ProtocolError("message_unknown", `No pgoutput message begins with ${letter}.`, { offset });
  }
  const where = streamXid === null ? "outside a stream" : `inside the stream of xid ${streamXid}`;
  return new ProtocolError("message_malformed", `A ${kind} message cannot stand ${where}.`, { offset });
}
