import { randomBytes } from "node:crypto";
import { formatLsn, type Lsn, parseLsn } from "@trunkline/protocol";
import { connectForSql, type PublicationSpec, parseSlotRow, type SlotRow } from "@trunkline/subscription";
import { CommandError, failure, usageError } from "../command-error.ts";
import { exitCodes } from "../exit-codes.ts";
import type { TailRequest } from "./tail-request.ts";

/** Where a tail reads, once it is known that it can. */
export interface TailSource {
  readonly slot: string;
  readonly temporary: boolean;
  readonly publications: readonly string[] | PublicationSpec;
  /** The publication to drop at the end. */
  readonly ownPublication: string | undefined;
}

/** What the server has, as far as a tail asks. */
export interface TailFacts {
  readonly publications: readonly string[];
  /** The tables of the named publications, as changes name them. */
  readonly tables: readonly string[];
  readonly slot: SlotRow | undefined;
  readonly slots: readonly string[];
  readonly walEnd: Lsn;
}

const factsSql = `
SELECT json_build_object(
  'publications', ARRAY(SELECT pubname FROM pg_publication ORDER BY pubname),
  'published', (SELECT coalesce(json_agg(t), '[]') FROM pg_publication_tables t),
  'slots', (SELECT coalesce(json_agg(to_jsonb(s) ORDER BY slot_name), '[]') FROM pg_replication_slots s),
  'walEnd', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END
)::text`;

interface Answer {
  readonly publications: readonly string[];
  readonly published: readonly { readonly pubname: string; readonly schemaname: string; readonly tablename: string }[];
  readonly slots: readonly { readonly slot_name: string }[];
  readonly walEnd: string;
}

/** Asks the server what there is to read. */
export async function tailFacts({ connection, publications, slot }: TailRequest): Promise<TailFacts> {
  const session = await connectForSql(connection);
  try {
    const [result] = await session.query(factsSql);
    const answer = JSON.parse(result?.rows[0]?.[0] ?? "{}") as Answer;
    const named = publications?.type === "named" ? publications.names : [];
    const row = slot.type === "lasting" ? answer.slots.find(({ slot_name }) => slot_name === slot.name) : undefined;
    return {
      publications: answer.publications,
      tables: answer.published
        .filter(({ pubname }) => named.includes(pubname))
        .map(({ schemaname, tablename }) => (schemaname === "public" ? tablename : `${schemaname}.${tablename}`)),
      slot: parseSlotRow(row === undefined ? undefined : JSON.stringify(row)),
      slots: answer.slots.map(({ slot_name }) => slot_name),
      walEnd: parseLsn(answer.walEnd),
    };
  } finally {
    await session.close();
  }
}

/**
 * Where to read what was asked for.
 * @throws CommandError when nothing says what to watch, or the server has not what was named
 */
export function tailSource(request: TailRequest, facts: TailFacts): TailSource {
  const name = `trunkline_tail_${process.pid}_${randomBytes(4).toString("hex")}`;
  const { slot } = request;
  const publications = publicationsOf(request, facts, name);
  checkTables(request, facts);
  checkSlot(request, facts);
  return {
    slot: slot.type === "lasting" ? slot.name : name,
    temporary: slot.type === "temporary",
    publications,
    ownPublication: request.publications?.type === "own" ? name : undefined,
  };
}

function publicationsOf({ publications }: TailRequest, facts: TailFacts, name: string): TailSource["publications"] {
  if (publications?.type === "own") return { name, ...publications.spec };
  if (publications?.type === "named") {
    const absent = publications.names.find((one) => !facts.publications.includes(one));
    if (absent !== undefined) {
      throw new CommandError(`There is no publication ${absent}. ${existing(facts)}`, exitCodes.no);
    }
    return publications.names;
  }
  throw usageError(
    `Say what to watch: --publication NAME, --table NAME (repeatable) or --all-tables. ${existing(facts)}`,
  );
}

function existing({ publications }: TailFacts): string {
  if (publications.length > 0) return `Publications there are: ${publications.join(", ")}.`;
  return "There is none yet: --table makes one for as long as it is watched, and trunkline doctor tells the SQL for one that stays.";
}

function checkTables({ publications, filter }: TailRequest, { tables }: TailFacts): void {
  if (publications?.type !== "named" || filter.tables === undefined) return;
  const names = publications.names.join(", ");
  for (const table of filter.tables) {
    if (tables.includes(table)) continue;
    const there = tables.length === 0 ? "It publishes none." : `It publishes ${tables.join(", ")}.`;
    throw new CommandError(`Publication ${names} does not publish table ${table}. ${there}`, exitCodes.no);
  }
}

function checkSlot({ slot, from }: TailRequest, facts: TailFacts): void {
  if (slot.type === "temporary") {
    if (from !== undefined && from < facts.walEnd) {
      throw usageError(
        `A temporary slot begins now, at ${formatLsn(facts.walEnd)}: what lies before can't be had. Leave out --from, or read a --slot that was made before.`,
      );
    }
    return;
  }
  if (facts.slot === undefined) {
    if (slot.create) return;
    const others = facts.slots.length === 0 ? "The server has none." : `There are: ${facts.slots.join(", ")}.`;
    throw failure(
      `There is no slot ${slot.name}. ${others} --create-slot makes it; it keeps WAL until you drop it (trunkline slots drop ${slot.name}).`,
    );
  }
  if (facts.slot.active) {
    throw failure(
      `Slot ${slot.name} is read by process ${facts.slot.activePid ?? "unknown"} of the server: stop that first, or leave out --slot to watch beside it.`,
    );
  }
  const confirmed = facts.slot.confirmedFlushLsn;
  if (from !== undefined && confirmed !== null && from < confirmed) {
    throw usageError(
      `Slot ${slot.name} was confirmed up to ${formatLsn(confirmed)}: what lies before can't be had. Leave out --from to go on from there.`,
    );
  }
}
