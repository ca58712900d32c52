import type { Session } from "@trunkline/replication";
import { describeFindings } from "../doctor/describe-findings.ts";
import { type DoctorSubject, examine, wantedOf } from "../doctor/doctor.ts";
import type { Finding } from "../doctor/finding.ts";
import { SubscriptionError } from "../errors/subscription-error.ts";
import { createPublicationSql } from "../publication/publication-sql.ts";
import { rowsOf } from "../session/sql-session.ts";

/** What came of {@link createPublications}. */
export interface PublicationsReady {
  /** Those that did not exist and were created. */
  readonly created: readonly string[];
  /** Warnings and notes; nothing is missing. */
  readonly findings: readonly Finding[];
}

/**
 * Examines everything, then creates the publications that are specified and don't exist. One that exists is never
 * altered. Do this before the slot is created: a slot can't decode changes from before its publication (W92).
 * @param session an ordinary session, not a replication one
 * @throws SubscriptionError `prerequisites_missing`, with all `findings`; nothing has been created then
 */
export async function createPublications(session: Session, subject: DoctorSubject): Promise<PublicationsReady> {
  const { ready, findings } = await examine(session, subject);
  if (!ready) {
    const lacking = findings.filter(({ severity }) => severity === "missing");
    const what = `The server is not ready for slot ${subject.slot}:\n${describeFindings(lacking)}\n`;
    throw new SubscriptionError("prerequisites_missing", what, { findings });
  }
  const created: string[] = [];
  for (const wanted of wantedOf(subject)) {
    if (typeof wanted === "string" || (await exists(session, wanted.name))) continue;
    if (await create(session, createPublicationSql(wanted))) created.push(wanted.name);
  }
  return { created, findings };
}

async function exists(session: Session, name: string): Promise<boolean> {
  const rows = await rowsOf(session, "SELECT pubname FROM pg_publication");
  return rows.some(([found]) => found === name);
}

/** Answers whether it was us: another instance may create the same publication at the same time. */
async function create(session: Session, sql: string): Promise<boolean> {
  try {
    await session.query(sql);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "42710" || error.code === "23505")) return false;
    throw error;
  }
}
