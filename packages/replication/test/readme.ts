import { EventEmitter, once } from "node:events";
import { clockFromDate, createChangeDecoder, isXLogData, X_LOG_DATA_HEADER_BYTES, ZERO_LSN } from "@trunkline/protocol";
import {
  DONE,
  disconnect,
  encodeStandbyStatusUpdate,
  type Lsn,
  noreply,
  PostgresError,
  ReplicationConnection,
  startReplication,
  stream,
} from "@trunkline/replication";
import { Supervisor } from "@trunkline/supervisor";
import { startPostgres } from "@trunkline/testing";

await using server = await startPostgres(); // or a server of yours, with wal_level = logical
await using database = await server.database();
await database.query("CREATE TABLE orders (id bigint PRIMARY KEY, item text)");
await database.query("CREATE PUBLICATION orders FOR TABLE orders");
await database.query("SELECT pg_create_logical_replication_slot('orders', 'pgoutput')");

const news = new EventEmitter();
const decoder = createChangeDecoder();
const Orders = ReplicationConnection.define<{ readonly stored: Lsn }>({
  init: () => ({ stored: ZERO_LSN }),
  handleConnect: (state) => {
    decoder.reset(); // what it knows of tables ends with the session
    return stream(startReplication({ slot: "orders", publications: ["orders"], startLsn: state.stored }), state);
  },
  handleStreamStart: (state) => {
    console.log("streaming");
    return noreply(state);
  },
  handleResult: (results) => disconnect(results instanceof Error ? results : "the stream was refused"),
  handleData: (data, state) => {
    if (data === DONE) return disconnect("the server ended the stream");
    if (!isXLogData(data)) return noreply(state);
    const change = decoder.decode(data, X_LOG_DATA_HEADER_BYTES);
    if (change.kind === "insert") console.log("order:", change.new);
    if (change.kind !== "commit") return noreply(state);
    news.emit("commit");
    const at = change.endLsn; // all of the transaction is stored: only now may the server forget it
    const status = { written: at, flushed: at, applied: at, clock: clockFromDate(new Date()), replyRequested: false };
    return noreply({ stored: at }, [encodeStandbyStatusUpdate(status)]);
  },
  handleDisconnect: (reason, state) => {
    console.log("lost:", reason instanceof PostgresError ? reason.condition : reason);
    return noreply(state);
  },
});

const app = await Supervisor.startLink(
  [Orders.childSpec(null, { connectionString: database.url, autoReconnect: true }, { id: "orders" })],
  { strategy: "one_for_one" },
);
await Promise.all([
  once(news, "commit"),
  database.query("INSERT INTO orders VALUES (1, 'tea'), (9007199254740993, 'cup')"),
]);
await database.query(
  "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = 'orders'",
);
await Promise.all([once(news, "commit"), database.query("INSERT INTO orders VALUES (2, 'milk')")]);
await Supervisor.stop(app);
