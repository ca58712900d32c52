/** What a CommandComplete says. */
export interface CommandTag {
  /** All words of the tag in lower case, joined by `_`: `insert`, `create_table`, `create_replication_slot`. */
  readonly command: string;
  /** Rows affected (INSERT, UPDATE, DELETE, MERGE), returned (SELECT, FETCH) or copied; `undefined` when not told. */
  readonly numRows: number | undefined;
}

/**
 * Reads a command tag: `"INSERT 0 2"` is `{ command: "insert", numRows: 2 }`. Any text is accepted, the empty one too.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-COMMANDCOMPLETE
 */
export function parseCommandTag(tag: string): CommandTag {
  const words = tag.split(" ").filter((word) => word !== "");
  const isCount = (word: string): boolean => /^\d+$/.test(word);
  const last = words.at(-1);
  return {
    command: words
      .filter((word) => !isCount(word))
      .join("_")
      .toLowerCase(),
    numRows: last !== undefined && isCount(last) ? Number(last) : undefined,
  };
}
