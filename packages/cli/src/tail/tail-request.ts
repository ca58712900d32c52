import { type Lsn, parseLsn } from "@trunkline/protocol";
import type { Operation, PublicationSpec } from "@trunkline/subscription";
import { usageError } from "../command-error.ts";
import type { Connection } from "../connection/connection.ts";

/** What can be filtered by. */
export const operationNames = ["insert", "update", "delete", "truncate", "message", "relation"] as const;

/** A kind of change, as it is printed. */
export type OperationName = (typeof operationNames)[number];

/** The options as the command line gives them. */
export interface TailFlags {
  readonly publication?: readonly string[];
  readonly table?: readonly string[];
  readonly allTables?: boolean;
  readonly operation?: readonly OperationName[];
  readonly slot?: string;
  readonly createSlot?: boolean;
  readonly from?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

/** Which publications are read. */
export type TailPublications =
  /** They exist. */
  | { readonly type: "named"; readonly names: readonly string[] }
  /** Made for as long as it is watched. */
  | { readonly type: "own"; readonly spec: Omit<PublicationSpec, "name"> };

/** Which slot is read. */
export type TailSlot =
  /** Gone with the connection. */
  { readonly type: "temporary" } | { readonly type: "lasting"; readonly name: string; readonly create: boolean };

/** What is to be shown, as it was asked for. */
export interface TailRequest {
  readonly connection: Connection;
  /** `undefined`: nothing was said. */
  readonly publications: TailPublications | undefined;
  readonly slot: TailSlot;
  readonly filter: TailFilter;
  /** Transactions that were committed before are passed over. */
  readonly from: Lsn | undefined;
  /** So many changes; `Infinity` without a limit. */
  readonly limit: number;
  readonly json: boolean;
}

/** Which changes are shown. `undefined`: of all tables, of every kind. */
export interface TailFilter {
  /** As changes name them: `orders` in public, `audit.events` elsewhere. */
  readonly tables: ReadonlySet<string> | undefined;
  readonly operations: ReadonlySet<OperationName> | undefined;
}

/**
 * What the options mean together.
 * @throws CommandError `usage` for options that contradict each other
 */
export function tailRequest(connection: Connection, flags: TailFlags): TailRequest {
  const { slot, createSlot = false, from, limit = Number.POSITIVE_INFINITY, json = false, table, operation } = flags;
  const publications = publicationsOf(flags);
  if (createSlot && slot === undefined) throw usageError("--create-slot needs --slot: it is the one that is made.");
  if (slot !== undefined && publications?.type === "own") {
    throw usageError(
      "--slot needs --publication: a lasting slot can only be read with a publication that stays, and is as old as it is.",
    );
  }
  return {
    connection,
    publications,
    slot: slot === undefined ? { type: "temporary" } : { type: "lasting", name: slot, create: createSlot },
    filter: {
      tables: table === undefined ? undefined : new Set(table.map(shownName)),
      operations: operation === undefined ? undefined : new Set(operation),
    },
    from: from === undefined ? undefined : lsnOf(from),
    limit,
    json,
  };
}

function publicationsOf({
  publication = [],
  table = [],
  allTables = false,
  operation,
}: TailFlags): TailPublications | undefined {
  if (allTables && (publication.length > 0 || table.length > 0)) {
    throw usageError("--all-tables goes with neither --publication nor --table.");
  }
  if (publication.length > 0) return { type: "named", names: publication };
  if (!allTables && table.length === 0) return undefined;
  const rows = operation?.filter((name): name is Operation => name !== "message" && name !== "relation") ?? [];
  return {
    type: "own",
    spec: { ...(allTables ? {} : { tables: table }), ...(rows.length > 0 ? { operations: rows } : {}) },
  };
}

/** The name under which a table's changes come. */
const shownName = (table: string): string => (table.startsWith("public.") ? table.slice("public.".length) : table);

function lsnOf(text: string): Lsn {
  try {
    return parseLsn(text);
  } catch {
    throw usageError(`--from ${text} is no LSN. It is written as the server does: 16/B374D848.`);
  }
}
