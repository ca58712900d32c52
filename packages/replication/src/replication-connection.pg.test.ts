import { exited, isRunning, makeRuntime, silentLogger, stop as stopProcess } from "@trunkline/process";
import {
  decodePrimaryKeepalive,
  encodeStandbyStatusUpdate,
  isXLogData,
  PRIMARY_KEEPALIVE,
  startReplication,
} from "@trunkline/protocol";
import { Supervisor } from "@trunkline/supervisor";
import { sharedPostgres, type TestDatabase } from "@trunkline/testing";
import { expect, test } from "vitest";
import {
  call,
  type From,
  type Instruction,
  noreply,
  type QueryResult,
  query,
  ReplicationConnection,
  reply,
  stream,
} from "./index.ts";

interface State {
  readonly step: "slot" | "start" | "streaming";
  readonly asking?: From<readonly QueryResult[] | Error>;
}

interface Calls {
  readonly step: { readonly reply: string };
  readonly query: { readonly args: { readonly sql: string }; readonly reply: readonly QueryResult[] | Error };
}

interface Seen {
  readonly events: string[];
  inserts: number;
}

/** Awaits what a callback reports: no sleeping, no polling. */
class Watch {
  readonly #waiting: Array<() => void> = [];
  changed(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

function consumer(slot: string, publication: string) {
  const seen: Seen = { events: [], inserts: 0 };
  const watch = new Watch();
  const note = (event: string): void => {
    seen.events.push(event);
    watch.changed();
  };
  const Consumer = ReplicationConnection.define<State, Calls>(
    {
      init: () => ({ step: "slot" }),
      handleConnect: (state): Instruction<State> => {
        note("connect");
        return stream(startReplication({ slot, publications: [publication] }), { ...state, step: "start" });
      },
      handleDisconnect: (reason, state) => {
        note(`disconnect ${reason instanceof Error && "code" in reason ? String(reason.code) : String(reason)}`);
        return noreply(state);
      },
      handleStreamStart: (state) => {
        note("streamStart");
        return noreply({ ...state, step: "streaming" });
      },
      handleResult: (results, state) => {
        if (state.asking === undefined) {
          note(results instanceof Error ? `error ${results.message}` : "results");
          return noreply(state);
        }
        reply(state.asking, results);
        const { asking: _, ...rest } = state;
        return noreply(rest);
      },
      handleCall: (request, from, state) => {
        if (request.type === "query") return query(request.sql, { ...state, asking: from as From<never> });
        reply(from as From<string>, state.step);
        return noreply(state);
      },
      handleData: (data, state) => {
        if (typeof data === "symbol") return noreply(state);
        if (data[0] === PRIMARY_KEEPALIVE) {
          const { walEnd } = decodePrimaryKeepalive(data);
          const clock = 0n;
          const position = { written: walEnd, flushed: walEnd, applied: walEnd };
          return noreply(state, [encodeStandbyStatusUpdate({ ...position, clock, replyRequested: false })]);
        }
        if (isXLogData(data) && data[25] === 0x49) {
          seen.inserts += 1;
          watch.changed();
        }
        return noreply(state);
      },
    },
    { id: "consumer", restart: "transient" },
  );
  return { Consumer, seen, watch };
}

async function prepared(): Promise<{ database: TestDatabase; slot: string; publication: string }> {
  const server = await sharedPostgres();
  const database = await server.database();
  await database.query("CREATE TABLE things (id int PRIMARY KEY)");
  const publication = await database.publication();
  const slot = await database.slot();
  return { database, slot: slot.name, publication: publication.name };
}

const quiet = makeRuntime({ logger: silentLogger });

test("streams, answers calls meanwhile, and its acknowledgements move the slot", async () => {
  const { database, slot, publication } = await prepared();
  await using _ = database;
  const { Consumer, seen, watch } = consumer(slot, publication);
  const ref = await Consumer.startLink(undefined, { connectionString: database.url, runtime: quiet });
  if (ref === undefined) throw new Error("ignored");
  expect(seen.events).toEqual(["connect", "streamStart"]);
  await database.query("INSERT INTO things SELECT generate_series(1, 100)");
  await watch.until(() => seen.inserts === 100);
  expect(await call(ref, { type: "step" })).toBe("streaming");
  await stopProcess(ref, "shutdown");
  expect(isRunning(ref)).toBe(false);
  const active = await database.query("SELECT active FROM pg_replication_slots WHERE slot_name = $1", [slot]);
  expect(active).toEqual([{ active: false }]);
});

test("R83: comes back by itself when its walsender is terminated, and misses nothing", async () => {
  const { database, slot, publication } = await prepared();
  await using _ = database;
  const { Consumer, seen, watch } = consumer(slot, publication);
  const options = { connectionString: database.url, autoReconnect: true, runtime: quiet };
  const ref = await Consumer.startLink(undefined, options);
  if (ref === undefined) throw new Error("ignored");
  await database.query("INSERT INTO things VALUES (1)");
  await watch.until(() => seen.inserts === 1);
  await database.query("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1", [
    slot,
  ]);
  await watch.until(() => seen.events.length === 5);
  expect(seen.events).toEqual(["connect", "streamStart", "disconnect 57P01", "connect", "streamStart"]);
  await database.query("INSERT INTO things VALUES (2)");
  await watch.until(() => seen.inserts >= 2);
  await stopProcess(ref, "shutdown");
});

test("R48: a server error in a query is a result, and the connection lives", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  const Asker = ReplicationConnection.define<{ readonly asking?: From<unknown> }, Calls>({
    init: () => ({}),
    handleCall: (request, from) => (request.type === "query" ? query(request.sql, { asking: from }) : noreply({})),
    handleResult: (results, { asking }) => {
      if (asking !== undefined) reply(asking, results);
      return noreply({});
    },
  });
  const ref = await Asker.startLink(undefined, { connectionString: database.url, runtime: quiet });
  if (ref === undefined) throw new Error("ignored");
  expect(await call(ref, { type: "query", sql: "SELCT" })).toMatchObject({ code: "42601" });
  expect(await call(ref, { type: "query", sql: "SELECT 1; SELECT 2" })).toMatchObject([
    { rows: [["1"]] },
    { rows: [["2"]] },
  ]);
  const ended = exited(ref);
  await database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = $1",
    [database.name],
  );
  expect(await ended).toMatchObject({ type: "error", error: { code: "57P01" } });
});

test("PX-40: a supervisor stops a connection that waits for a query, and the server's session ends", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  const Sleeper = ReplicationConnection.define<null>(
    {
      init: () => null,
      handleConnect: (state) => query("SELECT pg_sleep(600)", state),
      handleResult: (_results, state) => noreply(state),
    },
    { id: "sleeper", shutdown: 5000 },
  );
  const spec = Sleeper.childSpec(undefined, { connectionString: database.url, syncConnect: false });
  const supervisor = await Supervisor.startLink([spec], { strategy: "one_for_one", runtime: quiet });
  const sleeping =
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()";
  for (;;) {
    const [row] = await database.query(sleeping);
    if (row?.count === 1) break;
  }
  await Supervisor.stop(supervisor, "shutdown");
  for (;;) {
    const [row] = await database.query(sleeping);
    if (row?.count === 0) break;
  }
});

test("R28: physical replication streams raw WAL from the first connection on", async () => {
  const server = await sharedPostgres();
  const watch = new Watch();
  let bytes = 0;
  const Physical = ReplicationConnection.define<null>({
    init: () => null,
    handleConnect: (state) => query("IDENTIFY_SYSTEM", state),
    handleResult: (results, state) => {
      if (results instanceof Error) throw results;
      return stream(`START_REPLICATION PHYSICAL ${results[0]?.rows[0]?.[2]}`, state);
    },
    handleData: (data, state) => {
      if (typeof data !== "symbol" && isXLogData(data)) bytes += data.length;
      watch.changed();
      return noreply(state);
    },
  });
  const ref = await Physical.startLink(undefined, {
    connectionString: server.url,
    parameters: { replication: "true" },
    runtime: quiet,
  });
  if (ref === undefined) throw new Error("ignored");
  await using database = await server.database();
  await database.query("CREATE TABLE wal (id int)");
  await watch.until(() => bytes > 0);
  await stopProcess(ref, "shutdown");
});
