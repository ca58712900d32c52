import { uint32At } from "../big-endian.ts";
import { checkEnd, createPgoutputDecoder, decoderFailed } from "../pgoutput/pgoutput-decoder.ts";
import type { PgoutputMessage } from "../pgoutput/pgoutput-message.ts";
import type { RelationMessage } from "../pgoutput/relation-messages.ts";
import { tupleTag } from "../pgoutput/row-messages.ts";
import { ProtocolError } from "../protocol-error.ts";
import type { DecodedMessage, DeleteChange, InsertChange, OldRow, TruncateChange, UpdateChange } from "./change.ts";
import { defaultTypes } from "./default-types.ts";
import { PendingJson } from "./pending-json.ts";
import { createRelationCache } from "./relation-cache.ts";
import { type Cursor, compileRowReader, type RowReader } from "./row-reader.ts";
import type { TypeParsers } from "./type-parsers.ts";

/** Decodes the messages of one START_REPLICATION, in the order in which they came, with rows as plain objects. */
export interface ChangeDecoder {
  /**
   * Decodes one whole message, which starts at `offset` (default 0) and ends before `end` (default: with the bytes): an
   * XLogData's payload, or the XLogData itself with an offset of 25. The result owns all it has: nothing in it is a view
   * of these bytes, unless a binary parser passed as `types` keeps the view that it is given. A string of 13 characters
   * or more that is kept may keep up to 256 bytes of its row's text alive with it.
   *
   * After an error the decoder no longer knows where it is: it answers with `decoder_failed` until `reset()`.
   * @throws ProtocolError `message_truncated`, `message_oversized`, `message_malformed`, `message_unknown`,
   * `relation_unknown`, `value_malformed` (`cause`: what the type's parser threw), `decoder_failed`; `offset` counts
   * from the first of the bytes.
   */
  decode(bytes: Uint8Array, offset?: number, end?: number): DecodedMessage;
  /** How many values {@link ChangeDecoder.complete} has still to parse; always 0 without `deferJson`. */
  readonly pending: number;
  /**
   * Parses the JSON that `deferJson` has put off, and puts the values in their rows.
   * @throws ProtocolError `value_malformed` for the first value that is no JSON, as `decode` would have; `decoder_failed`
   */
  complete(): void;
  /** The top transaction's xid between Stream Start and Stream Stop, else `null`. */
  readonly streamXid: number | null;
  /** Forgets relations, the stream and an earlier error. Call it for each new START_REPLICATION. */
  reset(): void;
}

/** Options of {@link createChangeDecoder}. */
export interface ChangeDecoderOptions {
  /** Where values get their parsers from. Default: `defaultTypes`. */
  readonly types?: TypeParsers;
  /**
   * Whether JSON is put off until {@link ChangeDecoder.complete}; until then `json` and `jsonb` columns hold their text.
   * For programs that gather rows anyway, until a Commit, say: a row with a JSON column takes three quarters of the time
   * when that of some 30 rows is parsed at once. Concerns columns whose parser is the default one. Default: `false`.
   */
  readonly deferJson?: boolean;
}

interface KnownRelation {
  readonly relation: RelationMessage;
  readonly rows: RowReader;
}

const INSERT = 0x49;
const UPDATE = 0x55;
const DELETE = 0x44;

/** A decoder for protocol versions 1 to 4, text and binary; neither need be told. */
export function createChangeDecoder(options: ChangeDecoderOptions = {}): ChangeDecoder {
  return new Decoder(options);
}

/** A class, since an object literal with getters is a hash table to the engine: 0.04 µs of a row. */
class Decoder implements ChangeDecoder {
  readonly #types: TypeParsers;
  readonly #messages = createPgoutputDecoder();
  readonly #relations = createRelationCache<KnownRelation>();
  readonly #pending = new PendingJson();
  readonly #deferred: PendingJson | undefined;
  /** The relation of the last row, until a message comes that is none: rows of one table often follow each other. */
  #lastId: number | undefined;
  #last: KnownRelation | undefined;
  #failure: unknown;

  constructor(options: ChangeDecoderOptions) {
    this.#types = options.types ?? defaultTypes;
    this.#deferred = options.deferJson === true ? this.#pending : undefined;
  }

  get streamXid(): number | null {
    return this.#messages.streamXid;
  }

  get pending(): number {
    return this.#pending.count;
  }

  decode(bytes: Uint8Array, offset = 0, end: number = bytes.length): DecodedMessage {
    if (this.#failure !== undefined) throw decoderFailed(this.#failure);
    try {
      return this.#decode(bytes, offset, end);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  complete(): void {
    if (this.#failure !== undefined) throw decoderFailed(this.#failure);
    try {
      this.#pending.parse();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  reset(): void {
    this.#messages.reset();
    this.#relations.clear();
    this.#forgetLast();
    this.#pending.clear();
    this.#failure = undefined;
  }

  #decode(bytes: Uint8Array, offset: number, end: number): DecodedMessage {
    switch (bytes[offset]) {
      case INSERT:
      case UPDATE:
      case DELETE:
        return this.#decodeRows(bytes, offset, end);
      default:
        this.#forgetLast();
        return this.#learn(this.#messages.decode(bytes, offset, end), offset);
    }
  }

  /** Straight from bytes to rows, without tuples between: this is where the time goes. */
  #decodeRows(bytes: Uint8Array, offset: number, end: number): DecodedMessage {
    checkEnd(bytes, end);
    const cursor: Cursor = { bytes, at: offset + 1, end };
    const xid = this.streamXid === null ? null : uint32(cursor);
    const id = uint32(cursor);
    if (this.#last === undefined || id !== this.#lastId) {
      this.#last = this.#find(id, cursor.at - 4);
      this.#lastId = id;
    }
    const known = this.#last;
    const change = readChange(bytes[offset] ?? 0, cursor, xid, known);
    if (cursor.at !== cursor.end) throw oversized(cursor);
    return change;
  }

  /** Keeps what a message says of relations, and puts relations in the place of a Truncate's ids. */
  #learn(message: PgoutputMessage, offset: number): DecodedMessage {
    const relations = this.#relations;
    switch (message.kind) {
      case "relation": {
        const known = { relation: message, rows: compileRowReader(message, this.#types, this.#deferred) };
        relations.set(message.id, this.streamXid, known);
        return message;
      }
      case "streamStart":
        relations.streamStarted(message.xid, message.first);
        return message;
      case "streamCommit":
        relations.streamCommitted(message.xid);
        return message;
      case "streamAbort":
      case "streamPrepare":
        relations.streamForgotten(message.xid);
        return message;
      case "truncate": {
        const { kind, xid, relationIds, cascade, restartIdentity } = message;
        const named = relationIds.map((id) => this.#find(id, offset).relation);
        return { kind, xid, relations: named, cascade, restartIdentity } satisfies TruncateChange;
      }
      case "insert":
      case "update":
      case "delete":
        throw new Error(`Unreachable: a ${message.kind} is decoded by #decodeRows`);
      default:
        return message;
    }
  }

  #forgetLast(): void {
    this.#last = undefined;
    this.#lastId = undefined;
  }

  #find(id: number, offset: number): KnownRelation {
    const known = this.#relations.get(id, this.streamXid);
    if (known !== undefined) return known;
    throw new ProtocolError("relation_unknown", `No Relation message has come for relation ${id}.`, { offset });
  }
}

function readChange(
  tag: number,
  cursor: Cursor,
  xid: number | null,
  { relation, rows }: KnownRelation,
): InsertChange | UpdateChange | DeleteChange {
  let tuple = uint8(cursor);
  if (tag === INSERT) {
    if (tuple !== tupleTag.new) throw wrongTuple("an Insert", tuple, cursor);
    return { kind: "insert", xid, relation, new: rows.readRow(cursor) };
  }
  let old: OldRow | null = null;
  if (tuple === tupleTag.key) old = { type: "key", row: rows.readKey(cursor) };
  else if (tuple === tupleTag.old) old = { type: "full", row: rows.readRow(cursor) };
  if (tag === DELETE) {
    if (old === null) throw wrongTuple("a Delete", tuple, cursor);
    return { kind: "delete", xid, relation, old };
  }
  if (old !== null) tuple = uint8(cursor);
  if (tuple !== tupleTag.new) throw wrongTuple("an Update", tuple, cursor);
  return { kind: "update", xid, relation, old, new: rows.readRow(cursor) };
}

function uint8(cursor: Cursor): number {
  const { bytes, at, end } = cursor;
  if (at >= end) throw truncated(at);
  cursor.at = at + 1;
  return bytes[at] ?? 0;
}

function uint32(cursor: Cursor): number {
  const { bytes, at, end } = cursor;
  if (at + 4 > end) throw truncated(at);
  cursor.at = at + 4;
  return uint32At(bytes, at);
}

function truncated(offset: number): ProtocolError {
  return new ProtocolError("message_truncated", `The message ends too early at byte ${offset}.`, { offset });
}

function oversized({ at, end }: Cursor): ProtocolError {
  return new ProtocolError("message_oversized", `${end - at} bytes are left over at byte ${at}.`, { offset: at });
}

function wrongTuple(what: string, tuple: number, cursor: Cursor): ProtocolError {
  const offset = cursor.at - 1;
  return new ProtocolError("message_malformed", `A tuple of kind ${tuple} in ${what} (at byte ${offset}).`, { offset });
}
