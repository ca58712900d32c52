import type { Session } from "../connection/session.ts";
import { parseShownTime } from "./timings.ts";

/** How long the server may take to say how patient it is, in milliseconds. */
const LIMIT_MS = 15_000;

/**
 * The server's `wal_sender_timeout` for this session, in milliseconds; `undefined` when it does not say.
 * @see https://www.postgresql.org/docs/current/runtime-config-replication.html
 */
export async function walSenderTimeoutMs(session: Session): Promise<number | undefined> {
  try {
    const results = await session.query("SHOW wal_sender_timeout", { timeoutMs: LIMIT_MS });
    return parseShownTime(results[0]?.rows[0]?.[0]);
  } catch {
    // A physical walsender runs no SQL (W140). If the session is lost, its own report says so.
    return undefined;
  }
}
