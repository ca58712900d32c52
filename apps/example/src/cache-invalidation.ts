import type { ChildSpec } from "@trunkline/process";
import { type AnyChange, type SourceOptions, subscription } from "@trunkline/subscription";

/** A cache of rows by `table:id`. */
export interface Cache {
  delete(key: string): unknown;
  clear(): unknown;
}

/**
 * Forgets what has changed. A key that changed is forgotten under its old name too: the old tuple has it. After a
 * TRUNCATE everything is.
 *
 * A change comes when its commit is in the WAL, which is a moment before other sessions see it, and with a synchronous
 * standby as long before as that standby takes to confirm. Whoever misses and reads in that moment gets the old row, and
 * must not keep it: give entries a lifetime, or read on the primary and store nothing that was read while an invalidation
 * of the same key came in.
 */
export function cacheInvalidation(
  source: Pick<SourceOptions, "connection" | "publications"> & Partial<SourceOptions>,
  cache: Cache,
): ChildSpec {
  return subscription({
    slot: "cache_invalidation",
    ...source,
    onChange: (change) => forget(change, cache),
  });
}

function forget(change: AnyChange, cache: Cache): void {
  switch (change.kind) {
    case "insert":
      cache.delete(`${change.table}:${change.new["id"]}`);
      return;
    case "update":
      if (change.old !== null) cache.delete(`${change.table}:${change.old.row["id"]}`);
      cache.delete(`${change.table}:${change.new["id"]}`);
      return;
    case "delete":
      cache.delete(`${change.table}:${change.old.row["id"]}`);
      return;
    case "truncate":
      cache.clear();
      return;
    case "message":
    case "relation":
      return;
  }
}
