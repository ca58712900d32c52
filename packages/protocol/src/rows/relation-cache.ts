/**
 * What is known of relations, by id; `T` is whatever the user keeps for one. A Relation replaces an earlier one with the
 * same id. One that came inside a stream holds for that streamed transaction alone until it commits: it may describe
 * DDL that is rolled back, and the server itself counts it as unsent elsewhere. `streamXid` is the top transaction's xid
 * between Stream Start and Stream Stop, else `null`.
 */
export interface RelationCache<T> {
  /** What is known of a relation, by its OID; `streamXid`: within which streamed transaction, `null` outside. */
  get(id: number, streamXid: number | null): T | undefined;
  /** Remembers it: for all, or until the streamed transaction ends. */
  set(id: number, streamXid: number | null, value: T): void;
  /** Stream Start: the first chunk forgets what an earlier connection may have left under the same xid. */
  streamStarted(xid: number, first: boolean): void;
  /** Stream Commit: what the transaction brought now holds for all. */
  streamCommitted(xid: number): void;
  /** Stream Abort, of the whole or of a subtransaction, and Stream Prepare: the server describes its relations anew. */
  streamForgotten(xid: number): void;
  /** A new START_REPLICATION: nothing is known. */
  clear(): void;
}

/** An empty {@link RelationCache}. */
export function createRelationCache<T>(): RelationCache<T> {
  const known = new Map<number, T>();
  const streamed = new Map<number, Map<number, T>>();

  return {
    get(id, streamXid) {
      if (streamXid === null) return known.get(id);
      return streamed.get(streamXid)?.get(id) ?? known.get(id);
    },
    set(id, streamXid, value) {
      if (streamXid === null) {
        known.set(id, value);
        return;
      }
      const own = streamed.get(streamXid);
      if (own === undefined) streamed.set(streamXid, new Map([[id, value]]));
      else own.set(id, value);
    },
    streamStarted(xid, first) {
      if (first) streamed.delete(xid);
    },
    streamCommitted(xid) {
      for (const [id, value] of streamed.get(xid) ?? []) known.set(id, value);
      streamed.delete(xid);
    },
    streamForgotten(xid) {
      streamed.delete(xid);
    },
    clear() {
      known.clear();
      streamed.clear();
    },
  };
}
