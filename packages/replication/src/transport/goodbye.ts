import type { Session } from "../connection/session.ts";

/**
 * How long a goodbye may take, in milliseconds: an idle or streaming server answers it at once, and then the slot is
 * free; one that is busy with a command hears it only afterwards, so it is not waited for (R92).
 */
export function goodbyeLimitMs(state: Session["state"]): number {
  return state === "querying" || state === "startingStream" ? 50 : 1000;
}
