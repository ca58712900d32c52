import { makeRuntime, silentLogger, stop as stopProcess, sys } from "@trunkline/process";
import { startReplication } from "@trunkline/protocol";
import { gate, sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { DONE, noreply, PostgresError, query, ReplicationConnection, stopStream, stream } from "./index.ts";

const runtime = makeRuntime({ logger: silentLogger });

test("R66, W44, W45: stopStream ends replication with DONE, and the connection takes queries again", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  const publication = await database.publication();
  const slot = await database.slot();
  const through = gate();
  const Consumer = ReplicationConnection.define<readonly string[]>({
    init: () => [],
    handleConnect: (log) => stream(startReplication({ slot: slot.name, publications: [publication.name] }), log),
    handleStreamStart: (log) => stopStream([...log, "started"]),
    handleData: (data, log) => (data === DONE ? query("SELECT 42", [...log, "DONE"]) : noreply(log)),
    handleResult: (results, log) => {
      through.open();
      return noreply([...log, results instanceof Error ? results.message : String(results[0]?.rows)]);
    },
  });
  const ref = await Consumer.startLink(undefined, { connectionString: database.url, runtime });
  if (ref === undefined) throw new Error("ignored");
  await through.opened;
  expect(await sys.getState(ref)).toEqual(["started", "DONE", "42"]);
  expect((await slot.state())?.active).toBe(false);
  await stopProcess(ref, "shutdown");
});

test("stopStream ends a COPY with DONE too", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  const through = gate();
  const Copier = ReplicationConnection.define<readonly string[]>({
    init: () => [],
    handleConnect: (log) => stream("COPY (SELECT generate_series(1, 100000000)) TO STDOUT", log),
    handleData: (data, log) => {
      if (data !== DONE) return log.includes("stop") ? noreply(log) : stopStream([...log, "stop"]);
      through.open();
      return noreply([...log, "DONE"]);
    },
    handleResult: (results, log) => noreply([...log, String(results)]),
  });
  const ref = await Copier.startLink(undefined, { connectionString: database.url, runtime });
  if (ref === undefined) throw new Error("ignored");
  await through.opened;
  expect(await sys.getState(ref)).toEqual(["stop", "DONE"]);
  expect(ref.getSnapshot().value).toEqual({ connected: "idle" });
  await stopProcess(ref, "shutdown");
});

test("a query's signal cancels it on the server: its error is the result, and the connection lives", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  const giveUp = new AbortController();
  const through = gate();
  const Asker = ReplicationConnection.define<readonly unknown[]>({
    init: () => [],
    handleConnect: (log) => query("SELECT pg_sleep(3600)", log, { signal: giveUp.signal }),
    handleResult: (results, log) => {
      through.open();
      return noreply([...log, results]);
    },
  });
  const ref = await Asker.startLink(undefined, { connectionString: database.url, syncConnect: false, runtime });
  if (ref === undefined) throw new Error("ignored");
  const sleeping =
    "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600)%' AND datname = current_database() AND wait_event = 'PgSleep'";
  for (let rows = await database.query(sleeping); rows.length === 0; ) rows = await database.query(sleeping);
  giveUp.abort();
  await through.opened;
  expect(await sys.getState(ref)).toEqual([expect.any(PostgresError)]);
  expect(await sys.getState(ref)).toMatchObject([{ code: "57014" }]);
  await stopProcess(ref, "shutdown");
});
