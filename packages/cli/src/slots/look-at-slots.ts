import { parseLsn } from "@trunkline/protocol";
import { type connectForSql, parseSlotRow } from "@trunkline/subscription";
import type { SlotLook, SlotReader } from "./slot-state.ts";

/** A session for ordinary SQL. */
export type SqlSession = Awaited<ReturnType<typeof connectForSql>>;

const slotsSql = `
SELECT json_build_object(
  'slot', to_jsonb(s),
  'walEnd', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
  'inactiveMs', extract(epoch FROM now() - (to_jsonb(s)->>'inactive_since')::timestamptz) * 1000,
  'reader', CASE WHEN s.active_pid IS NULL THEN NULL ELSE json_build_object(
    'pid', s.active_pid, 'application', a.application_name, 'address', host(a.client_addr), 'user', a.usename) END
)::text
FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid
ORDER BY s.slot_name`;

interface Answer {
  readonly slot: unknown;
  readonly walEnd: string;
  readonly inactiveMs: number | null;
  readonly reader: SlotReader | null;
}

/** One look at all slots of the server, by name. `atMs`: when it is taken, on any clock of the process. */
export async function lookAtSlots(session: SqlSession, atMs: number): Promise<readonly SlotLook[]> {
  const [result] = await session.query(slotsSql);
  return (result?.rows ?? []).flatMap(([json]) => parseLook(json ?? null, atMs) ?? []);
}

function parseLook(json: string | null, atMs: number): SlotLook | undefined {
  if (json === null) return undefined;
  const { slot, walEnd, inactiveMs, reader } = JSON.parse(json) as Answer;
  const row = parseSlotRow(JSON.stringify(slot));
  if (row === undefined) return undefined;
  return {
    row,
    reader: reader ?? undefined,
    health: {
      atMs,
      walEnd: parseLsn(walEnd),
      restartLsn: row.restartLsn,
      confirmedLsn: row.confirmedFlushLsn,
      safeWalBytes: row.safeWalBytes,
      walStatus: row.walStatus,
      inactiveMs: inactiveMs === null ? null : Math.max(0, Math.round(inactiveMs)),
    },
  };
}
