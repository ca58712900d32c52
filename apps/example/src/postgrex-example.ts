// Postgrex's own example: a temporary slot, every message of pgoutput printed, keepalives that ask answered.
// Before: CREATE PUBLICATION postgrex_example FOR ALL TABLES;
import { clockFromDate, decodeServerReplicationMessage, type Lsn } from "@trunkline/protocol";
import {
  DONE,
  disconnect,
  encodeStandbyStatusUpdate,
  noreply,
  query,
  ReplicationConnection,
  stop,
  stream,
} from "@trunkline/replication";

type State = { readonly step: "disconnected" | "createSlot" | "streaming" };

const Repl = ReplicationConnection.define<State>({
  init: () => ({ step: "disconnected" }),

  handleConnect: () => {
    const sql = "CREATE_REPLICATION_SLOT postgrex TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT";
    return query(sql, { step: "createSlot" });
  },

  handleResult: (results) => {
    if (results instanceof Error) return stop(results);
    const sql = "START_REPLICATION SLOT postgrex LOGICAL 0/0 (proto_version '1', publication_names 'postgrex_example')";
    return stream(sql, { step: "streaming" });
  },

  handleData: (data, state) => {
    if (data === DONE) return disconnect("the server ended the stream");
    const message = decodeServerReplicationMessage(data);
    switch (message.type) {
      case "xLogData":
        console.log(message.data);
        return noreply(state);
      case "primaryKeepalive":
        return noreply(state, message.replyRequested ? [confirm(message.walEnd)] : []);
    }
  },
});

function confirm(at: Lsn): Uint8Array {
  const clock = clockFromDate(new Date());
  return encodeStandbyStatusUpdate({ written: at, flushed: at, applied: at, clock, replyRequested: false });
}

const connectionString = process.argv[2] ?? "postgres://postgres@localhost/demo_dev";
await Repl.startLink(null, { connectionString, autoReconnect: true }); // connect again if the connection is lost
