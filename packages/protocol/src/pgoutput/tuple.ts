import type { ByteReader } from "../byte-reader.ts";

/**
 * One value of a tuple. `unchanged`: a TOASTed value that the update left alone and that is not on the wire. `text` and
 * `binary`: the type's output or send format, as a view of the message's memory: copy it to keep it.
 * @see https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html#PROTOCOL-LOGICALREP-MESSAGE-FORMATS-TUPLEDATA
 */
export type TupleColumn =
  | { readonly kind: "null" }
  | { readonly kind: "unchanged" }
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  | { readonly kind: "binary"; readonly bytes: Uint8Array };

/** The values of one row, in the order of the Relation's columns. */
export type Tuple = readonly TupleColumn[];

/** The letters a tuple's values begin with. */
export const columnTag = { null: 0x6e, unchanged: 0x75, text: 0x74, binary: 0x62 } as const;

const nullColumn: TupleColumn = { kind: "null" };
const unchangedColumn: TupleColumn = { kind: "unchanged" };

export function readTuple(reader: ByteReader): Tuple {
  const count = reader.uint16();
  const columns: TupleColumn[] = [];
  for (let index = 0; index < count; index++) columns.push(readColumn(reader));
  return columns;
}

function readColumn(reader: ByteReader): TupleColumn {
  const at = reader.offset;
  const tag = reader.uint8();
  switch (tag) {
    case columnTag.null:
      return nullColumn;
    case columnTag.unchanged:
      return unchangedColumn;
    case columnTag.text:
      return { kind: "text", bytes: reader.bytes(reader.int32()) };
    case columnTag.binary:
      return { kind: "binary", bytes: reader.bytes(reader.int32()) };
    default:
      throw reader.malformed(`A column of kind ${tag}`, at);
  }
}
