import { int32At, uint16At } from "../big-endian.ts";
import type { RelationMessage } from "../pgoutput/relation-messages.ts";
import { columnTag } from "../pgoutput/tuple.ts";
import { ProtocolError } from "../protocol-error.ts";
import { asBuffer } from "./as-buffer.ts";
import type { JsonColumn, PendingJson } from "./pending-json.ts";
import { type Row, unchangedToast } from "./row.ts";
import { emptyRowOf, propertyKey, setColumn } from "./row-shape.ts";
import { parseJson } from "./text-parsers.ts";
import type { TextReader } from "./text-reader.ts";
import { textReader } from "./text-readers.ts";
import { createTupleText, type TupleText } from "./tuple-text.ts";
import type { BinaryParser, TypeParsers } from "./type-parsers.ts";

/** A place in a message. Reading moves `at`; nothing is read at or beyond `end`, where the message ends. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

/** What turns one relation's tuples into rows, worked out once for each Relation message. */
export interface RowReader {
  /** Reads a tuple with all columns. @throws ProtocolError as `ChangeDecoder.decode` does. */
  readRow(cursor: Cursor): Row;
  /** Reads an old key: only the columns of the replica identity become properties. */
  readKey(cursor: Cursor): Row;
}

interface ColumnReader extends JsonColumn {
  /** Who parses the text later on; `undefined`: `text` does, at once. */
  readonly waits: PendingJson | undefined;
  readonly text: TextReader;
  readonly binary: BinaryParser;
}

/** Compiles the reader of a relation's rows, which leaves their JSON to `pending`, if there is one. */
export function compileRowReader(
  relation: RelationMessage,
  types: TypeParsers,
  pending: PendingJson | undefined,
): RowReader {
  const texts = createTupleText();
  const columns = relation.columns.map(({ name, typeOid }, index): ColumnReader => {
    const parser = types.getTypeParser(typeOid, "text");
    return {
      key: propertyKey(name),
      unreadable: (offset, cause) => unreadable(relation, index, offset, cause),
      waits: parser === parseJson ? pending : undefined,
      text: textReader(parser, texts),
      binary: types.getTypeParser(typeOid, "binary"),
    };
  });
  const keyColumns = columns.map((column, index) => (relation.columns[index]?.key === true ? column : null));
  const emptyRow = emptyRowOf(keysOf(columns));
  const emptyKey = emptyRowOf(keysOf(keyColumns));
  return {
    readRow: (cursor) => {
      texts.begin(cursor.end);
      return readTuple(cursor, relation, columns, emptyRow(), texts);
    },
    readKey: (cursor) => {
      texts.begin(cursor.end);
      return readTuple(cursor, relation, keyColumns, emptyKey(), texts);
    },
  };
}

function keysOf(columns: readonly (ColumnReader | null)[]): readonly string[] {
  return columns.flatMap((column) => (column === null ? [] : [column.key]));
}

/** Fills `row` from the tuple at the cursor; a column without reader is passed over. */
function readTuple(
  cursor: Cursor,
  relation: RelationMessage,
  columns: readonly (ColumnReader | null)[],
  row: Row,
  texts: TupleText,
): Row {
  const { bytes, end } = cursor;
  const count = columns.length;
  let at = cursor.at + 2;
  if (at > end) throw truncated(cursor.at);
  const sent = uint16At(bytes, at - 2);
  if (sent !== count) throw countDiffers(relation, sent, cursor.at);
  for (let index = 0; index < count; index++) {
    const column = columns[index] ?? null;
    const tag = at < end ? (bytes[at] ?? 0) : 0; // 0, which is no tag, past the end
    at++;
    if (tag === columnTag.text || tag === columnTag.binary) {
      const from = at + 4;
      if (from > end) throw truncated(at);
      const to = from + int32At(bytes, at);
      if (to < from) throw malformed(`A column of ${to - from} bytes`, at);
      if (to > end) throw truncated(from);
      at = to;
      if (column === null) continue;
      try {
        if (column.waits !== undefined && tag === columnTag.text) {
          const text = texts.slice(bytes, from, to);
          setColumn(row, index, column.key, text);
          column.waits.add(row, column, text, from);
          continue;
        }
        const value =
          tag === columnTag.text ? column.text(bytes, from, to) : column.binary(asBuffer(bytes.subarray(from, to)));
        setColumn(row, index, column.key, value);
      } catch (cause) {
        throw column.unreadable(from, cause);
      }
    } else if (tag === columnTag.unchanged) {
      if (column !== null) setColumn(row, index, column.key, unchangedToast);
    } else if (tag === columnTag.null) {
      if (column !== null) setColumn(row, index, column.key, null);
    } else {
      throw at > end ? truncated(at - 1) : malformed(`A column of kind ${tag}`, at - 1);
    }
  }
  cursor.at = at;
  return row;
}

function truncated(offset: number): ProtocolError {
  return new ProtocolError("message_truncated", `A tuple ends too early at byte ${offset}.`, { offset });
}

function malformed(what: string, offset: number): ProtocolError {
  return new ProtocolError("message_malformed", `${what} (at byte ${offset}).`, { offset });
}

function countDiffers(relation: RelationMessage, sent: number, offset: number): ProtocolError {
  const { schema, name, columns } = relation;
  const what = `A tuple of ${sent} columns for ${schema}.${name}, which has ${columns.length},`;
  return malformed(what, offset);
}

function unreadable(relation: RelationMessage, index: number, offset: number, cause: unknown): ProtocolError {
  const column = relation.columns[index];
  const where = `${relation.schema}.${relation.name}.${column?.name} (type ${column?.typeOid})`;
  const what = `The value of ${where} could not be parsed: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new ProtocolError("value_malformed", what, { offset, cause });
}
