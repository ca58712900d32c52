import { exited } from "@trunkline/process";
import { createChangeDecoder, isXLogData, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import {
  createReplicationSlot,
  noreply,
  query,
  ReplicationConnection,
  startReplication,
  stream,
} from "@trunkline/replication";
import { Supervisor } from "@trunkline/supervisor";
import { startPostgres } from "@trunkline/testing";

await using server = await startPostgres(); // or a server of yours, with wal_level = logical
await using writer = await server.client();
await writer.query("CREATE TABLE planets (id bigint PRIMARY KEY, name text)");
await writer.query("CREATE PUBLICATION sky FOR TABLE planets");

const decoder = createChangeDecoder();
const Sky = ReplicationConnection.define({
  init: () => "connecting",
  handleConnect: (state) => query(createReplicationSlot({ slot: "sky", temporary: true }), state),
  handleResult: () => stream(startReplication({ slot: "sky", publications: ["sky"] }), "streaming"),
  handleData: (data, state) => {
    const change =
      data instanceof Uint8Array && isXLogData(data) ? decoder.decode(data, X_LOG_DATA_HEADER_BYTES) : undefined;
    if (change?.kind === "insert") console.log("new:", change.new);
    if (change?.kind === "commit") void Supervisor.stop(app);
    return noreply(state);
  },
});
const app = await Supervisor.startLink([Sky.childSpec(null, { connectionString: server.url }, { id: "sky" })], {
  strategy: "one_for_one",
});
await writer.query("INSERT INTO planets VALUES (1, 'Mercury'), (9007199254740993, 'Venus')");
await exited(app);
