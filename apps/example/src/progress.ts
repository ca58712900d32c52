import { localName } from "@trunkline/process";
import { createChangeDecoder, formatLsn, isXLogData, type Lsn, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import {
  type ConnectionRef,
  call,
  createReplicationSlot,
  DONE,
  disconnect,
  type From,
  noreply,
  query,
  ReplicationConnection,
  reply,
  startReplication,
  stream,
} from "@trunkline/replication";
import { Supervisor } from "@trunkline/supervisor";
import { startPostgres } from "@trunkline/testing";

/** How far the connection has come. */
interface Progress {
  readonly changes: number;
  readonly reached: Lsn | undefined;
}

/** What can be asked, and what is answered. */
interface Calls {
  readonly howFar: { readonly reply: Progress };
  /** Answered after the commit with which that many changes have come. */
  readonly until: { readonly args: { readonly changes: number }; readonly reply: Progress };
}

interface State {
  readonly progress: Progress;
  readonly waiting: readonly { readonly changes: number; readonly from: From<Progress> }[];
}

const decoder = createChangeDecoder();
const Counter = ReplicationConnection.define<State, Calls>(
  {
    init: () => ({ progress: { changes: 0, reached: undefined }, waiting: [] }),
    handleConnect: (state) => query(createReplicationSlot({ slot: "counter", temporary: true }), state),
    handleResult: (results, state) =>
      results instanceof Error
        ? disconnect(results)
        : stream(startReplication({ slot: "counter", publications: ["counted"] }), state),
    handleCall: (request, from, state) => {
      switch (request.type) {
        case "howFar":
          reply(from, state.progress);
          return noreply(state);
        case "until":
          return noreply(answer({ ...state, waiting: [...state.waiting, { changes: request.changes, from }] }));
      }
    },
    handleData: (data, state) => {
      if (data === DONE || !isXLogData(data)) return noreply(state);
      const message = decoder.decode(data, X_LOG_DATA_HEADER_BYTES);
      const { changes, reached } = state.progress;
      switch (message.kind) {
        case "insert":
        case "update":
        case "delete":
          return noreply({ ...state, progress: { changes: changes + 1, reached } });
        case "commit":
          return noreply(answer({ ...state, progress: { changes, reached: message.endLsn } }));
        default:
          return noreply(state);
      }
    },
  },
  { id: "counter", restart: "transient", shutdown: 10_000 },
);

/** Replies to those whose number has come; the others wait on. */
function answer(state: State): State {
  const waiting = state.waiting.filter(({ changes, from }) => {
    const come = state.progress.changes >= changes;
    if (come) reply(from, state.progress);
    return !come;
  });
  return { ...state, waiting };
}

await using server = await startPostgres();
await using database = await server.database();
await database.query("CREATE TABLE steps (id int PRIMARY KEY)");
await database.query("CREATE PUBLICATION counted FOR TABLE steps");

const counter = localName<ConnectionRef<Calls>>("counter");
const app = await Supervisor.startLink([Counter.childSpec(null, { connectionString: database.url, name: counter })], {
  strategy: "one_for_one",
});
const say = ({ changes, reached }: Progress): void =>
  console.log(
    `${changes} changes, ${reached === undefined ? "no commit yet" : `committed up to ${formatLsn(reached)}`}`,
  );

say(await call(counter, { type: "howFar" }));
await database.query("INSERT INTO steps SELECT generate_series(1, 1000)");
await call(counter, { type: "until", changes: 1000 });
await database.query("UPDATE steps SET id = id + 1000 WHERE id <= 10");
say(await call(counter, { type: "until", changes: 1010 }, { timeoutMs: 10_000 }));
await Supervisor.stop(app);
