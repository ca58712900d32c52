import type { ChildSpec } from "@trunkline/process";
import { formatPosition, type SourceOptions, subscription } from "@trunkline/subscription";

/** What is relayed: one row of `outbox`, which has at least the columns `topic text` and `payload jsonb`. */
export interface OutboxMessage {
  /** (commitLsn, index) as 31 characters that sort: a repeat has the key of the first time. */
  readonly key: string;
  readonly topic: string;
  /** As `source.types` parses it. Default: what `JSON.parse` gives. */
  readonly payload: unknown;
}

type OutboxRow = Pick<OutboxMessage, "topic" | "payload">;

/**
 * Relays what is inserted into `outbox`, in commit order, at least once: whoever stores the messages drops a key that is
 * there already. Rows may be deleted at any time, since their deletion isn't published.
 * @param publish resolves when the message is stored; throws when that is not certain, and it comes again
 */
export function outboxRelay(
  source: Pick<SourceOptions, "connection"> & Partial<SourceOptions>,
  publish: (message: OutboxMessage, signal: AbortSignal) => unknown,
): ChildSpec {
  return subscription<{ outbox: OutboxRow }>({
    slot: "outbox_relay",
    publications: { name: "outbox_relay", tables: ["outbox"], operations: ["insert"] },
    ...source,
    onChange: async (change, { signal }) => {
      if (change.kind !== "insert") return;
      const { topic, payload } = change.new;
      await publish({ key: formatPosition(change.position), topic, payload }, signal);
    },
    onFailure: { retries: Number.MAX_SAFE_INTEGER, backoffMs: 100 }, // a broker that is down is waited for
  });
}
