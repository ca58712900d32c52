import { ProtocolError } from "../protocol-error.ts";
import { quoteIdentifier } from "./quoting.ts";

/**
 * `IDENTIFY_SYSTEM`: one row `systemid`, `timeline`, `xlogpos`, `dbname` (NULL in physical replication).
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function identifySystem(): string {
  return "IDENTIFY_SYSTEM";
}

/**
 * `SHOW` of a run-time parameter, also of an extension's, such as `"pg_stat_statements.max"`. A physical replication
 * session refuses it with 0A000 (W140).
 * @throws ProtocolError `identifier_invalid` when it, or a part between dots, is empty or too long; `text_invalid`.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function show(parameter: string): string {
  return `SHOW ${parameter.split(".").map(quoteIdentifier).join(".")}`;
}

/**
 * `TIMELINE_HISTORY`: one row with the name and the bytes of a timeline's history file.
 * @param timeline 1 to 2^32 - 1.
 * @throws ProtocolError `option_invalid`.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function timelineHistory(timeline: number): string {
  return `TIMELINE_HISTORY ${checkTimeline(timeline)}`;
}

/** Passes a timeline id. @throws ProtocolError `option_invalid` unless it is an integer from 1 to 2^32 - 1. */
export function checkTimeline(timeline: number): number {
  if (Number.isInteger(timeline) && timeline >= 1 && timeline <= 0xffff_ffff) return timeline;
  throw new ProtocolError("option_invalid", `timeline is ${String(timeline)}, not an integer from 1 to 2^32 - 1.`);
}
