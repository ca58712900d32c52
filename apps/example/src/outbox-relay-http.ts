// Relays the table `outbox` to a broker that takes messages over HTTP.
// Before: CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text, payload jsonb);
// Usage:  outbox-relay-http.ts <URL of the database> <URL of the broker, with a slash at the end>
import { defaultTypes, jsonText, overrideTypes } from "@trunkline/protocol";
import { Supervisor } from "@trunkline/supervisor";
import { type OutboxMessage, outboxRelay } from "./outbox-relay.ts";

const [connectionString = "", broker = ""] = process.argv.slice(2);

async function post({ key, topic, payload }: OutboxMessage, signal: AbortSignal): Promise<void> {
  const headers = { "content-type": "application/json", "idempotency-key": key };
  const answer = await fetch(new URL(topic, broker), { method: "POST", headers, body: String(payload), signal });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`The broker answered ${answer.status}.`);
}

const types = overrideTypes(defaultTypes, jsonText); // the payload as it was written
const relay = outboxRelay({ connection: { connectionString }, types }, post);
const app = await Supervisor.startLink([relay], { strategy: "one_for_one" });
process.once("SIGTERM", () => void Supervisor.stop(app));
console.log("relaying");
