import { quoteLiteral } from "@trunkline/protocol";

/** Who holds a slot's lock. The server tells address and time to roles that may see them. */
export interface LockHolder {
  readonly pid: number;
  /** Its `application_name`; empty when it has none. */
  readonly application: string;
  /** Its address; `local` for a Unix socket, `unknown` where the role may not see it. */
  readonly address: string;
  /** When its session began, the server's text; `unknown` where the role may not see it. */
  readonly since: string;
}

/** Who holds what, at one moment. */
export interface SlotHolders {
  /** `undefined`: the lock is free. */
  readonly lock: LockHolder | undefined;
  /** The backend that holds the slot itself. */
  readonly slotPid: number | undefined;
}

/** The key of a slot's advisory lock. Such locks belong to one database, as logical slots do. */
export const lockKeySql = (slot: string): string => `hashtextextended(${quoteLiteral(`trunkline:${slot}`)}, 0)`;

/**
 * Takes the lock if it is free, or ours already, and answers `t` or `f` at once. It is never waited for: a session that
 * waits pins `backend_xmin`, and stops VACUUM. The lock goes with its session, so run this on the one that streams.
 * @see https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADVISORY-LOCKS
 */
export const tryLockSql = (slot: string): string => `SELECT pg_try_advisory_lock(${lockKeySql(slot)})`;

const holderRows = (slot: string): string => `
  SELECT l.pid FROM pg_locks l
  WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.classid::bigint << 32 | l.objid::bigint) = ${lockKeySql(slot)}`;

/** Asks who holds the lock and the slot; one JSON text. */
export function holdersSql(slot: string): string {
  return `
SELECT json_build_object(
  'lock', (SELECT json_build_object('pid', h.pid, 'application', coalesce(a.application_name, ''),
      'address', CASE WHEN a.backend_start IS NULL THEN 'unknown' ELSE coalesce(host(a.client_addr), 'local') END,
      'since', coalesce(a.backend_start::text, 'unknown'))
    FROM (${holderRows(slot)}) AS h LEFT JOIN pg_stat_activity a ON a.pid = h.pid LIMIT 1),
  'slotPid', (SELECT active_pid FROM pg_replication_slots WHERE slot_name = ${quoteLiteral(slot)})
)::text`;
}

/** Reads the answer to {@link holdersSql}. */
export function parseHolders(json: string): SlotHolders {
  const { lock, slotPid } = JSON.parse(json) as { readonly lock: LockHolder | null; readonly slotPid: number | null };
  return { lock: lock ?? undefined, slotPid: slotPid ?? undefined };
}

/**
 * Ends these backends, as far as each still holds the lock or the slot at that moment: a process id that was given to
 * somebody else since then is left alone, and so are we. Needs membership in the holder's role or `pg_signal_backend`.
 */
export function endHoldersSql(slot: string, pids: readonly number[]): string {
  return `
SELECT pg_terminate_backend(pid) FROM (
  ${holderRows(slot)}
  UNION SELECT active_pid FROM pg_replication_slots WHERE slot_name = ${quoteLiteral(slot)} AND active
) AS holder WHERE pid = ANY(ARRAY[${pids.map((pid) => Math.trunc(pid)).join(", ")}]::int[]) AND pid <> pg_backend_pid()`;
}
