import { randomBytes } from "node:crypto";
import type { DoctorSubject } from "@trunkline/subscription";
import { usageError } from "../command-error.ts";

/** What the command line names. */
export interface DoctorFlags {
  readonly slot?: string;
  readonly publication?: readonly string[];
  readonly table?: readonly string[];
}

/** The publication that is proposed where there is none. */
export const proposedPublication = "trunkline";

/**
 * What is examined: what is named; without a name all publications there are; where there are none, the one that could
 * be made. Without a slot's name, that of one to be made.
 * @throws CommandError for tables of several publications
 */
export function doctorSubject(flags: DoctorFlags, existing: readonly string[]): DoctorSubject {
  const { slot = `trunkline_doctor_${randomBytes(4).toString("hex")}`, publication = [], table = [] } = flags;
  if (table.length > 0) {
    if (publication.length > 1) throw usageError("--table belongs to one --publication: leave the others out.");
    return { slot, publications: { name: publication[0] ?? proposedPublication, tables: table } };
  }
  if (publication.length > 0) return { slot, publications: publication };
  return { slot, publications: existing.length > 0 ? existing : proposedPublication };
}
