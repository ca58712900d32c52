// pgwire's own loop: batches of decoded messages, an acknowledgement per batch.
import { pgconnection } from "pgwire";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

const task = readTask();
const tally = new Tally(task);
const { host, port, user, database, slot, publication } = task;
const connection = pgconnection({ host, port, user, database, replication: "database" });
const stream = connection.logicalReplication({ slot, options: { proto_version: 1, publication_names: publication } });
for await (const { lastLsn, messages } of stream.pgoutputDecode()) {
  for (const message of messages) {
    if (message.tag === "insert") tally.rows += 1;
    else if (message.tag === "begin") tally.begin();
    else if (message.tag === "commit") tally.commit(() => Number(message.commitTime));
  }
  stream.ack(lastLsn);
}
