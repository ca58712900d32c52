import { type BackendMessage, cstring, int16, int32, message } from "./message.ts";

/** A column of a result: its name, or all that the server says of it. */
export type Column =
  | string
  | {
      readonly name: string;
      /** Default 25, text. */
      readonly typeOid?: number;
      /** Default 0: no column of a table. */
      readonly tableOid?: number;
      /** 0 text (default), 1 binary. */
      readonly format?: 0 | 1;
    };

const textOid = 25;

/** The columns of the rows that follow. */
export function rowDescription(columns: readonly Column[]): BackendMessage {
  const fields = columns.map((column) => {
    const {
      name,
      typeOid = textOid,
      tableOid = 0,
      format = 0,
    } = typeof column === "string" ? { name: column } : column;
    return Buffer.concat([
      cstring(name),
      int32(tableOid),
      int16(0),
      int32(typeOid),
      int16(-1),
      int32(-1),
      int16(format),
    ]);
  });
  return message("T", int16(columns.length), ...fields);
}

/** One row; `null` is SQL's. */
export function dataRow(values: readonly (string | Uint8Array | null)[]): BackendMessage {
  const columns = values.map((value) => {
    if (value === null) return int32(-1);
    const bytes = Buffer.from(value);
    return Buffer.concat([int32(bytes.length), bytes]);
  });
  return message("D", int16(values.length), ...columns);
}

/** A command is done; the tag is such as `SELECT 1`. */
export const commandComplete = (tag: string): BackendMessage => message("C", cstring(tag));

/** The query string was empty. */
export const emptyQueryResponse = (): BackendMessage => message("I");
