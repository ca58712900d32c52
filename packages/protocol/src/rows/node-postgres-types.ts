import * as pgTypes from "pg-types";
import type { TypeParsers } from "./type-parsers.ts";

/**
 * The values that node-postgres gives, by its own package `pg-types` (version 4): for code that already lives with them.
 * `int8` is text, `timestamptz` a Date that has lost its microseconds, `interval`, `point`, `circle` and ranges are
 * objects. What an application has set with `pg.types.setTypeParser` is in its `pg.types`: pass that one instead.
 *
 * Pass it as `types`; the default, `defaultTypes`, loses nothing.
 */
export const nodePostgresTypes: TypeParsers = { getTypeParser: pgTypes.getTypeParser };
