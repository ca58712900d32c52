import { connectForSql, type Diagnosis, doctor, type Finding } from "@trunkline/subscription";
import type { Connection } from "../connection/connection.ts";
import type { Examined } from "./doctor-report.ts";
import { type DoctorFlags, doctorSubject, proposedPublication } from "./doctor-subject.ts";

/** What an examination brought. */
export interface Examination {
  readonly examined: Examined;
  readonly diagnosis: Diagnosis;
  /** The publications that were examined. */
  readonly publications: readonly string[];
}

const whereSql = `
SELECT json_build_object('database', current_database(), 'user', current_user,
  'serverVersion', split_part(current_setting('server_version'), ' ', 1),
  'publications', ARRAY(SELECT pubname FROM pg_publication ORDER BY pubname))::text`;

/** Examines the database that the connection leads to; nothing is changed. */
export async function examine(connection: Connection, flags: DoctorFlags): Promise<Examination> {
  const { publications: existing, ...examined } = await whereWeAre(connection);
  const subject = doctorSubject(flags, existing);
  const { ready, findings } = await doctor({ connection, ...subject });
  const guessed = subject.publications === proposedPublication && flags.publication === undefined;
  const names = [subject.publications].flat().map((one) => (typeof one === "string" ? one : one.name));
  return {
    examined,
    diagnosis: { ready, findings: guessed ? findings.map(withoutPublication) : findings },
    publications: names,
  };
}

/** Nobody asked for a publication of this name: that there is none at all is what is to be told. */
function withoutPublication(finding: Finding): Finding {
  if (finding.code !== "publication_missing") return finding;
  return {
    ...finding,
    what: "There is no publication: nothing says which tables to follow.",
    afterwards:
      "Or name the tables: FOR TABLE orders, customers. A table without a primary key refuses UPDATE and DELETE once it is published.",
  };
}

async function whereWeAre(connection: Connection): Promise<Examined & { readonly publications: readonly string[] }> {
  const session = await connectForSql(connection);
  try {
    const [result] = await session.query(whereSql);
    return JSON.parse(result?.rows[0]?.[0] ?? "{}") as Examined & { readonly publications: readonly string[] };
  } finally {
    await session.close();
  }
}
