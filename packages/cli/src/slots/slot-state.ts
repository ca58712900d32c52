import {
  budgetLine,
  bytesInWords,
  durationInWords,
  type HealthSample,
  type SlotRow,
  walBudget,
} from "@trunkline/subscription";

/** Who reads from a slot. `null` where the server does not tell this role. */
export interface SlotReader {
  readonly pid: number;
  readonly application: string | null;
  /** `null` for a Unix socket, too. */
  readonly address: string | null;
  readonly user: string | null;
}

/** One look at one slot. */
export interface SlotLook {
  readonly row: SlotRow;
  readonly health: HealthSample;
  /** `undefined`: nobody reads. */
  readonly reader: SlotReader | undefined;
}

/** What is the matter with a slot, in one word, for programs. The list only grows. */
export type SlotVerdictWord = "reading" | "idle" | "unread" | "creating" | "lost" | "endangered";

/** A slot as it stands. Bytes and LSN are bigint; times are milliseconds. */
export interface SlotState {
  readonly row: SlotRow;
  readonly reader: SlotReader | undefined;
  readonly verdict: SlotVerdictWord;
  /** The verdict as a sentence, with what to do where something must be done. */
  readonly sentence: string;
  /** WAL that was written and not confirmed; `null` where nothing was confirmed yet. */
  readonly lagBytes: bigint | null;
  /** WAL that the server keeps for it. */
  readonly keptBytes: bigint | null;
  /** How much more may be written before it is lost; `null` without a limit. */
  readonly safeBytes: bigint | null;
  /** Until it is lost, at the rate between the looks; `null` when it does not come nearer, or without a limit. */
  readonly fullInMs: number | null;
  /** The budget as a sentence. */
  readonly budget: string;
}

/** Below this share of its budget a slot is endangered, whoever reads from it. */
const ENDANGERED_SHARE = 0.1;
/** So much time until it is lost is too little for a person who sleeps. */
const ENDANGERED_MS = 3_600_000;

/** How a slot stands after one or more looks, oldest first; pure. */
export function slotState(looks: readonly [SlotLook, ...SlotLook[]]): SlotState {
  const { row, health, reader } = looks.at(-1) ?? looks[0];
  const budget = walBudget(looks.map((look) => look.health));
  const lagBytes = row.confirmedFlushLsn === null ? null : distance(health.walEnd, row.confirmedFlushLsn);
  const keptBytes = row.restartLsn === null ? null : distance(health.walEnd, row.restartLsn);
  const fullInMs = budget.type === "limited" ? (budget.fullInMs ?? null) : null;
  const endangered =
    budget.type === "limited" &&
    (budget.remainingShare < ENDANGERED_SHARE || (fullInMs !== null && fullInMs < ENDANGERED_MS));
  const verdict = verdictOf(row, reader, endangered, keptBytes ?? 0n);
  return {
    row,
    reader,
    verdict,
    sentence: sentenceOf(verdict, row, reader, health.inactiveMs),
    lagBytes,
    keptBytes,
    safeBytes: row.safeWalBytes,
    fullInMs,
    budget: budgetLine(budget).text,
  };
}

function verdictOf(row: SlotRow, reader: SlotReader | undefined, endangered: boolean, kept: bigint): SlotVerdictWord {
  if (row.walStatus === "lost" || row.invalidationReason !== null || row.conflicting === true) return "lost";
  if (endangered) return "endangered";
  if (row.active || reader !== undefined)
    return row.type === "logical" && row.confirmedFlushLsn === null ? "creating" : "reading";
  return kept > UNREAD_BYTES ? "unread" : "idle";
}

/** A slot that nobody reads from and that keeps more than a few segments is told apart from one that waits. */
const UNREAD_BYTES = 64n * 1024n * 1024n;

function sentenceOf(
  verdict: SlotVerdictWord,
  row: SlotRow,
  reader: SlotReader | undefined,
  inactiveMs: number | null,
): string {
  const by = reader === undefined ? "nobody reads from it" : `read by ${readerText(reader)}`;
  const since = inactiveMs === null ? "" : ` for ${durationInWords(inactiveMs)}`;
  switch (verdict) {
    case "lost":
      return `Lost${row.invalidationReason === null ? "" : ` (${row.invalidationReason})`}. Drop it and take a new snapshot.`;
    case "endangered":
      return `Soon lost: ${by}. Raise max_slot_wal_keep_size, or make its reader keep up.`;
    case "creating":
      return "Being created: it waits until all open transactions are over.";
    case "reading":
      return `${by.charAt(0).toUpperCase()}${by.slice(1)}.`;
    case "unread":
      return `Nobody reads from it${since}, and it keeps WAL. Start its reader, or drop it.`;
    case "idle":
      return `Nobody reads from it${since}.`;
  }
}

/** A reader for people: application, process, address. */
export function readerText({ application, pid, address }: SlotReader): string {
  const name = application === null || application === "" ? "process" : application;
  return `${name} (pid ${pid}${address === null ? "" : `, ${address}`})`;
}

const distance = (end: bigint, start: bigint): bigint => (end > start ? end - start : 0n);

/** Bytes for a table; `-` where there are none to be told. */
export const bytesOrDash = (bytes: bigint | null): string => (bytes === null ? "-" : bytesInWords(bytes));
