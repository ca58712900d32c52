import type { ConnectionOptions, Session } from "@trunkline/replication";
import { SubscriptionError } from "../errors/subscription-error.ts";
import { type PublicationSpec, type ResolvedPublication, resolvePublication } from "../publication/publication-spec.ts";
import { firstValue, withSql } from "../session/sql-session.ts";
import type { Facts } from "./facts.ts";
import { factsSql } from "./facts-sql.ts";
import type { Finding } from "./finding.ts";
import {
  judgeExistingPublication,
  judgeNamedPublication,
  judgeNewPublication,
  plannedPublication,
} from "./judge-publication.ts";
import { judgeServer } from "./judge-server.ts";
import { judgeFailover, judgeSlotFor } from "./judge-slot.ts";
import { judgeTables } from "./judge-tables.ts";
import { parseFacts } from "./parse-facts.ts";

/** What is to be subscribed to. */
export interface DoctorSubject {
  /** The slot's name. */
  readonly slot: string;
  /** Names must exist. A spec is created when it does not exist, and compared when it does. */
  readonly publications: string | PublicationSpec | readonly (string | PublicationSpec)[];
  /** Whether the tables are going to be copied first, which needs SELECT on them. Default `"never"`. */
  readonly snapshot?: "initial" | "never";
  /** Whether standbys are to keep a copy of the slot (PostgreSQL 17). Default `false`. */
  readonly failover?: boolean;
}

/** Options of {@link doctor}. */
export interface DoctorOptions extends DoctorSubject {
  /** Where the database is, as for the subscription. */
  readonly connection: ConnectionOptions;
}

/** What the doctor found. */
export interface Diagnosis {
  /** Whether a subscription can start: nothing is missing. */
  readonly ready: boolean;
  /** All of it at once: what is missing first, then warnings, then notes. */
  readonly findings: readonly Finding[];
}

/**
 * Looks at everything a subscription needs, by one query on a session of its own, and changes nothing.
 * @throws what `connect` throws when the server can't be reached; SubscriptionError `option_invalid`
 */
export function doctor(options: DoctorOptions): Promise<Diagnosis> {
  return withSql(options.connection, (session) => examine(session, options));
}

/** {@link doctor} on a session that is open already. */
export async function examine(session: Session, subject: DoctorSubject): Promise<Diagnosis> {
  const wanted = wantedOf(subject);
  const specs = wanted.filter((publication) => typeof publication !== "string");
  const answer = await firstValue(
    session,
    factsSql({
      slot: subject.slot,
      publications: namesOf(wanted),
      tables: specs.flatMap(({ tables }) => tables),
      schemas: specs.flatMap(({ schemas }) => schemas),
      allTables: specs.some(({ allTables }) => allTables),
    }),
  );
  if (answer === undefined || answer === null)
    throw new TypeError("The server answered a SELECT without FROM with no row.");
  return judge(parseFacts(answer), subject, wanted);
}

/** Judges what was found; pure. */
export function judge(
  facts: Facts,
  subject: DoctorSubject,
  wanted: readonly (string | ResolvedPublication)[] = wantedOf(subject),
): Diagnosis {
  const planned = wanted.flatMap((publication) =>
    typeof publication === "string" || findPublication(facts, publication.name) !== undefined
      ? []
      : [plannedPublication(publication, facts)],
  );
  const findings = [
    ...judgeServer(facts.server, facts.slot === undefined),
    ...judgeSlotFor(facts, namesOf(wanted)),
    ...(subject.failover === true ? judgeFailover(facts) : []),
    ...wanted.flatMap((publication) => [...judgePublication(publication, facts)]),
    ...judgeTables({ ...facts, publications: [...facts.publications, ...planned] }, subject.snapshot === "initial"),
  ];
  return {
    ready: findings.every(({ severity }) => severity !== "missing"),
    findings: findings.toSorted((a, b) => rank[a.severity] - rank[b.severity]),
  };
}

const rank = { missing: 0, warning: 1, note: 2 } as const;

function judgePublication(wanted: string | ResolvedPublication, facts: Facts): Iterable<Finding> {
  if (typeof wanted === "string") return judgeNamedPublication(wanted, findPublication(facts, wanted));
  const found = findPublication(facts, wanted.name);
  return found === undefined ? judgeNewPublication(wanted, facts) : judgeExistingPublication(wanted, found, facts);
}

const findPublication = ({ publications }: Facts, name: string) =>
  publications.find((publication) => publication.name === name);

/** What the option `publications` means, resolved. @throws SubscriptionError `option_invalid` */
export function wantedOf({
  publications,
}: Pick<DoctorSubject, "publications">): readonly (string | ResolvedPublication)[] {
  const list = Array.isArray(publications) ? (publications as readonly (string | PublicationSpec)[]) : [publications];
  const wanted = list.map((one) => (typeof one === "string" ? one : resolvePublication(one as PublicationSpec)));
  if (wanted.length === 0 || wanted.includes("")) {
    throw new SubscriptionError("option_invalid", "publications names none; the server would skip every change.");
  }
  return wanted;
}

/** The publications' names. */
export const namesOf = (wanted: readonly (string | ResolvedPublication)[]): readonly string[] =>
  wanted.map((publication) => (typeof publication === "string" ? publication : publication.name));
