// Outbox relay: what is inserted into the table `outbox` is posted to a broker, in commit order, at least once. A repeat
// has the key of the first time, (commitLsn, index), so whoever stores the messages can drop it.
// Before: CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text, payload jsonb);
// Usage:  outbox-relay.ts <URL of the database> <URL of the broker, with a slash at the end>
import { defaultTypes, jsonText, overrideTypes } from "@trunkline/protocol";
import { formatPosition, subscription } from "@trunkline/subscription";
import { Supervisor } from "@trunkline/supervisor";

interface Message {
  readonly topic: string;
  /** JSON text. */
  readonly payload: string;
}

const [connectionString = "", broker = ""] = process.argv.slice(2);

/** Resolves when the broker has stored it; throws when that is not certain, and it is posted again. */
async function post(key: string, { topic, payload }: Message, signal: AbortSignal): Promise<void> {
  const headers = { "content-type": "application/json", "idempotency-key": key };
  const answer = await fetch(new URL(topic, broker), { method: "POST", headers, body: payload, signal });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`The broker answered ${answer.status}.`);
}

const relay = subscription<{ outbox: Message }>({
  connection: { connectionString },
  slot: "outbox_relay",
  publications: { name: "outbox_relay", tables: ["outbox"], operations: ["insert"] }, // rows may be deleted at any time
  types: overrideTypes(defaultTypes, jsonText), // the payload as it was written
  onChange: async (change, { signal }) => {
    if (change.kind === "insert") await post(formatPosition(change.position), change.new, signal);
  },
  onFailure: { retries: Number.MAX_SAFE_INTEGER, backoffMs: 100 }, // a broker that is down is waited for
});

const app = await Supervisor.startLink([relay], { strategy: "one_for_one" });
process.once("SIGTERM", () => void Supervisor.stop(app));
console.log("relaying");
