import { type ConnectionOptions, connect, type OpenSessionOptions, type Session } from "@trunkline/replication";

/**
 * The settings that values are written with, so that they are read as they were meant. They follow the role, the
 * database and the client's machine otherwise, and hold for a stream as well as for a query.
 * @see https://www.postgresql.org/docs/current/runtime-config-client.html
 */
export const pinnedSettings = {
  client_encoding: "UTF8",
  DateStyle: "ISO",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
  standard_conforming_strings: "on",
} as const;

/** The same options with the {@link pinnedSettings}; for a stream. */
export function pinned(options: ConnectionOptions): ConnectionOptions {
  return { ...options, parameters: { ...options.parameters, ...pinnedSettings } };
}

/**
 * Connects for ordinary SQL, by simple queries: such a session takes no WAL sender, and its role needs no REPLICATION.
 * @throws as `connect`
 */
export function connectForSql(options: ConnectionOptions, opening?: OpenSessionOptions): Promise<Session> {
  const { parameters } = pinned(options);
  return connect({ ...options, parameters: { ...parameters, replication: "off" } }, opening);
}

/** Runs one statement and answers its rows, as text. */
export async function rowsOf(session: Session, sql: string): Promise<readonly (readonly (string | null)[])[]> {
  const results = await session.query(sql);
  return results.at(-1)?.rows ?? [];
}

/** Runs one statement and answers the first value of its first row; `undefined` without a row. */
export async function firstValue(session: Session, sql: string): Promise<string | null | undefined> {
  return (await rowsOf(session, sql))[0]?.[0];
}

/** Connects, runs `work`, and closes whatever happens. */
export async function withSql<Result>(
  options: ConnectionOptions,
  work: (session: Session) => Promise<Result>,
  opening?: OpenSessionOptions,
): Promise<Result> {
  const session = await connectForSql(options, opening);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
