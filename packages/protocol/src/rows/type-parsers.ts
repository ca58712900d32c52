/** Turns a value's text form into what stands in the row. It may throw; the row's error then names the column. */
export type TextParser = (text: string) => unknown;

/** Turns a value's binary form into what stands in the row. The bytes are a view of the message: copy them to keep them. */
export type BinaryParser = (bytes: Buffer) => unknown;

/**
 * Where rows get their parsers from. The shape is that of node-postgres' `types`, so `pg.types` and the package
 * `pg-types` fit, and rows then have the values that `pg` gives.
 *
 * It is asked once for each column of each Relation, never for a value. Return the *same function* for a type that is
 * parsed as by default: {@link defaultTypes}' own functions have faster twins that read the bytes without a string.
 */
export interface TypeParsers {
  /** The parser of a type, by its OID, for values in text or binary form. */
  getTypeParser(oid: number, format: "text"): TextParser;
  getTypeParser(oid: number, format: "binary"): BinaryParser;
}

/** What to parse otherwise, by type OID. A function stands for the text form; the binary form then stays as it was. */
export interface TypeOverrides {
  readonly [oid: number]: TextParser | { readonly text?: TextParser; readonly binary?: BinaryParser };
}

/**
 * `base` with other parsers for some types: `overrideTypes(defaultTypes, { 20: Number, 1184: asDate })`. An element
 * type's parser does not reach into its arrays: override the array's OID with `arrayOf(parser)`.
 */
export function overrideTypes(base: TypeParsers, overrides: TypeOverrides): TypeParsers {
  function getTypeParser(oid: number, format: "text"): TextParser;
  function getTypeParser(oid: number, format: "binary"): BinaryParser;
  function getTypeParser(oid: number, format: "text" | "binary"): TextParser | BinaryParser {
    const override = overrides[oid];
    if (format === "text") {
      return (typeof override === "function" ? override : override?.text) ?? base.getTypeParser(oid, "text");
    }
    return (typeof override === "object" ? override.binary : undefined) ?? base.getTypeParser(oid, "binary");
  }
  return { getTypeParser };
}
