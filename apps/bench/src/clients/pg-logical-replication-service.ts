import { LogicalReplicationService, PgoutputPlugin } from "pg-logical-replication";
import { type DecodedRow, readColumns } from "./sink.ts";
import { Tally } from "./tally.ts";
import { readTask } from "./task.ts";

type Config = ConstructorParameters<typeof LogicalReplicationService>[1];

/** What is used of the plugin's messages. */
interface PgoutputMessage {
  readonly tag: string;
  readonly new?: DecodedRow;
  /** Of a Commit: microseconds since the Unix epoch. */
  readonly commitTime?: bigint;
}

/** Subscribes with the library's own service and plugin; keepalives that ask for an answer get one. */
export function consumePgLogicalReplication(config: Config): void {
  const task = readTask();
  const tally = new Tally(task);
  const { host, port, user, database, slot, publication } = task;
  const service = new LogicalReplicationService({ host, port, user, database }, config);
  service.on("data", (_lsn: string, message: PgoutputMessage) => {
    if (message.tag === "insert") {
      if (message.new !== undefined) readColumns(message.new);
      tally.rows += 1;
    } else if (message.tag === "begin") tally.begin();
    else if (message.tag === "commit") tally.commit(() => Number(message.commitTime));
  });
  service.on("heartbeat", (lsn: string, _timestamp: number, shouldRespond: boolean) => {
    if (shouldRespond) void service.acknowledge(lsn);
  });
  service.on("error", (error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
  void service.subscribe(new PgoutputPlugin({ protoVersion: 1, publicationNames: [publication] }), slot);
}
