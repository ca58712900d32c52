// pgwire's own loop: batches of decoded messages, an acknowledgement per batch. Columns are decoded when they are read.
import { pgconnection } from "pgwire";
import { readColumns } from "./sink.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

const task = readTask();
const tally = new Tally(task);
const { host, port, user, database, slot, publication } = task;
const connection = pgconnection({ host, port, user, database, replication: "database" });
const stream = connection.logicalReplication({ slot, options: { proto_version: 1, publication_names: publication } });
for await (const { lastLsn, messages } of stream.pgoutputDecode()) {
  for (const message of messages) {
    if (message.tag === "insert") {
      if (message.after) readColumns(message.after);
      tally.rows += 1;
    }
    if (message.tag === "begin") tally.begin();
    else if (message.tag === "commit") tally.commit(() => Number(message.commitTime));
  }
  stream.ack(lastLsn);
}
