import { quoteLiteral } from "@trunkline/protocol";
import { bytesInWords } from "@trunkline/subscription";
import { CommandError, failure, usageError } from "../command-error.ts";
import { exitCodes } from "../exit-codes.ts";
import type { YesOrNo } from "../terminal/ask.ts";
import { lookAtSlots, type SqlSession } from "./look-at-slots.ts";
import { readerText, type SlotLook, slotState } from "./slot-state.ts";

/** How a drop is agreed to. */
export interface DropAgreement {
  /** Drop without asking. */
  readonly yes: boolean;
  /** Asks a person. */
  readonly ask: (question: string) => Promise<YesOrNo>;
}

/**
 * Drops a slot that nobody reads from, after asking. Answers with what was done, as a sentence.
 * @throws CommandError when there is no such slot, when it is in use, when nobody agreed
 */
export async function dropSlot(session: SqlSession, name: string, { yes, ask }: DropAgreement): Promise<string> {
  const looks = await lookAtSlots(session, 0);
  const look = looks.find(({ row }) => row.name === name);
  if (look === undefined) throw failure(`There is no slot ${name}. ${namesOf(looks)}`);
  refuseActive(look);
  if (!yes) {
    const answer = await ask(question(look));
    if (answer === "none") throw usageError(`Nobody answered. To drop slot ${name} all the same, add --yes.`);
    if (answer === "no") throw refusal(`Slot ${name} was not dropped.`);
  }
  try {
    await session.query(`SELECT pg_drop_replication_slot(${quoteLiteral(name)})`);
  } catch (error) {
    // Somebody was faster: a reader came, or another person dropped it.
    if (codeOf(error) === "55006") throw refusal(`Slot ${name} is in use now. Stop its reader first.`);
    if (codeOf(error) === "42704") throw failure(`There is no slot ${name} any more.`);
    throw error;
  }
  return `Slot ${name} is dropped.`;
}

function refuseActive({ row, reader }: SlotLook): void {
  if (!row.active) return;
  const by = reader === undefined ? `pid ${row.activePid ?? "unknown"}` : readerText(reader);
  throw refusal(`Slot ${row.name} is in use: ${by} reads from it. Stop that first.`);
}

function question(look: SlotLook): string {
  const { row, keptBytes, sentence } = slotState([look]);
  const kept = keptBytes === null ? "" : ` It keeps ${bytesInWords(keptBytes)} of WAL.`;
  const where = row.database === null ? "" : ` of database ${row.database}`;
  const loss = "What was not read from it yet can't be read any more.";
  return `Slot ${row.name}${where}: ${sentence}${kept} ${loss}\nDrop it?`;
}

function namesOf(looks: readonly SlotLook[]): string {
  if (looks.length === 0) return "The server has none.";
  return `There are: ${looks.map(({ row }) => row.name).join(", ")}.`;
}

const refusal = (message: string): CommandError => new CommandError(message, exitCodes.no);

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);
