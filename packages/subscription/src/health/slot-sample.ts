import { type Lsn, parseLsn, quoteLiteral } from "@trunkline/protocol";
import { parseSlotRow, type SlotRow, type SystemIdentity } from "../slot/slot-facts.ts";
import type { HealthSample } from "./wal-budget.ts";

/** What one look at a slot shows, by ordinary SQL. */
export interface SlotSample {
  readonly health: HealthSample;
  /** `undefined`: no slot of the name. */
  readonly row: SlotRow | undefined;
  /** As from IDENTIFY_SYSTEM; the timeline may lag behind a promotion until the next checkpoint. */
  readonly system: SystemIdentity;
  /** What the walsender has sent; `undefined` without one, or where the role may not see it. */
  readonly sent: Lsn | undefined;
  /** The oldest open transaction that has written something, and for how long. */
  readonly oldestTransaction: { readonly pid: number; readonly openMs: number } | undefined;
  /** `max_slot_wal_keep_size`, in bytes; `undefined` for -1, no limit. */
  readonly maxSlotWalKeepBytes: bigint | undefined;
}

interface SampleAnswer {
  readonly slot: unknown;
  readonly walEnd: string;
  readonly systemId: string;
  readonly timeline: number;
  readonly database: string;
  readonly inactiveMs: number | null;
  readonly sent: string | null;
  readonly oldest: { readonly pid: number; readonly openMs: number } | null;
  /** In MiB. */
  readonly maxKeep: number;
}

/**
 * Looks at a slot: one statement that servers from 14 to 18 answer with one JSON text.
 * @throws ProtocolError `text_invalid`
 */
export function slotSampleSql(slot: string): string {
  const name = quoteLiteral(slot);
  return `
WITH slot AS (SELECT to_jsonb(s) AS row FROM pg_replication_slots s WHERE s.slot_name = ${name})
SELECT json_build_object(
  'slot', (SELECT row FROM slot),
  'walEnd', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
  'systemId', (SELECT system_identifier::text FROM pg_control_system()),
  'timeline', (SELECT timeline_id FROM pg_control_checkpoint()),
  'database', current_database(),
  'inactiveMs', (SELECT extract(epoch FROM now() - (row->>'inactive_since')::timestamptz) * 1000 FROM slot),
  'sent', (SELECT r.sent_lsn FROM pg_stat_replication r, slot WHERE r.pid = (slot.row->>'active_pid')::int),
  'oldest', (SELECT json_build_object('pid', a.pid, 'openMs', extract(epoch FROM now() - a.xact_start) * 1000)
    FROM pg_stat_activity a WHERE a.backend_xid IS NOT NULL AND a.xact_start IS NOT NULL
    ORDER BY a.xact_start LIMIT 1),
  'maxKeep', (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size')
)::text`;
}

/** Reads the answer to {@link slotSampleSql}. `atMs`: when it was taken, on the process' clock. */
export function parseSlotSample(json: string, atMs: number): SlotSample {
  const answer = JSON.parse(json) as SampleAnswer;
  const row = parseSlotRow(answer.slot === null ? null : JSON.stringify(answer.slot));
  const walEnd = parseLsn(answer.walEnd);
  return {
    health: {
      atMs,
      walEnd,
      restartLsn: row?.restartLsn ?? null,
      confirmedLsn: row?.confirmedFlushLsn ?? null,
      safeWalBytes: row?.safeWalBytes ?? null,
      walStatus: row?.walStatus ?? null,
      inactiveMs: answer.inactiveMs === null ? null : Math.max(0, Math.round(answer.inactiveMs)),
    },
    row,
    system: { systemId: answer.systemId, timeline: answer.timeline, walEnd, database: answer.database },
    sent: answer.sent === null ? undefined : parseLsn(answer.sent),
    oldestTransaction: answer.oldest === null ? undefined : { pid: answer.oldest.pid, openMs: answer.oldest.openMs },
    maxSlotWalKeepBytes: answer.maxKeep < 0 ? undefined : BigInt(answer.maxKeep) * 1024n ** 2n,
  };
}
