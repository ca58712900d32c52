import { exited, isRunning, kill, makeRuntime, silentLogger } from "@trunkline/process";
import { isXLogData, startReplication } from "@trunkline/protocol";
import { Supervisor } from "@trunkline/supervisor";
import { gate, scriptedServer, sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import {
  type Callbacks,
  type ConnectionRef,
  noreply,
  pause,
  query,
  ReplicationConnection,
  type ReplicationOptions,
  stream,
} from "./index.ts";

const runtime = makeRuntime({ logger: silentLogger });

/** A supervised connection, and how its child ends when the supervisor is told to end it. */
async function supervised(callbacks: Partial<Callbacks<null, unknown, unknown, unknown>>, options: ReplicationOptions) {
  const Kind = ReplicationConnection.define<null>(
    {
      init: () => null,
      handleResult: (_, state) => noreply(state),
      handleData: (_, state) => noreply(state),
      ...callbacks,
    },
    { id: "repl", shutdown: 3000 },
  );
  const supervisor = await Supervisor.startLink([Kind.childSpec(undefined, { syncConnect: false, ...options })], {
    strategy: "one_for_one",
    runtime,
  });
  const [child] = await Supervisor.whichChildren(supervisor);
  const ref = child?.ref as ConnectionRef;
  return {
    ref,
    supervisor,
    /** Ends the child: what it ended with says whether it was killed. */
    terminate: async () => {
      const ended = exited(ref);
      await Supervisor.terminateChild(supervisor, "repl");
      expect(isRunning(ref)).toBe(false);
      const reason = await ended;
      await Supervisor.stop(supervisor, "shutdown");
      return reason.type;
    },
  };
}

async function slotted() {
  const server = await sharedPostgres();
  const database = await server.database();
  await database.query("CREATE TABLE things (id int)");
  const publication = await database.publication();
  const slot = await database.slot();
  const start = startReplication({ slot: slot.name, publications: [publication.name] });
  return { database, slot, start };
}

test("R92: it ends inside its budget during an unanswered query, and the server's session ends", async () => {
  const { database } = await slotted();
  await using _ = database;
  const asked = gate();
  const { terminate } = await supervised(
    {
      handleConnect: (state) => {
        asked.open();
        return query("SELECT pg_sleep(3600)", state);
      },
    },
    { connectionString: database.url },
  );
  await asked.opened;
  // A cancel request that overtakes its query finds nothing to cancel: wait until the query runs.
  const runs = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
  while ((await database.query(`${runs} AND datname = current_database()`)).length === 0);
  expect(await terminate()).toBe("shutdown");
  const left = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'walsender'";
  for (let rows = await database.query(left); rows.length > 0; ) rows = await database.query(left);
});

test("R92: it ends inside its budget during a long asynchronous handler, and the slot is free", async () => {
  const { database, slot, start } = await slotted();
  await using _ = database;
  const busy = gate();
  const { terminate } = await supervised(
    {
      handleConnect: (state) => stream(start, state),
      handleData: (data, state) => {
        if (typeof data === "symbol" || !isXLogData(data)) return noreply(state);
        busy.open();
        return new Promise(() => {});
      },
    },
    { connectionString: database.url },
  );
  await database.query("INSERT INTO things VALUES (1)");
  await busy.opened;
  expect((await slot.state())?.active).toBe(true);
  expect(await terminate()).toBe("shutdown");
  expect((await slot.state())?.active).toBe(false);
});

test("R92: it ends inside its budget while the flow is paused, and the slot is free", async () => {
  const { database, slot, start } = await slotted();
  await using _ = database;
  const paused = gate();
  const { terminate } = await supervised(
    {
      handleConnect: (state) => stream(start, state),
      handleData: (_data, state) => {
        paused.open();
        return pause(state);
      },
    },
    { connectionString: database.url },
  );
  await paused.opened;
  expect(await terminate()).toBe("shutdown");
  expect((await slot.state())?.active).toBe(false);
});

test("R92: it ends inside its budget while it connects to a server that does not answer", async () => {
  const accepted = gate();
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    accepted.open();
    await peer.expectClosed();
  });
  const { terminate } = await supervised({}, { connectionString: server.url });
  await accepted.opened;
  expect(await terminate()).toBe("shutdown");
  await server.done;
});

test("R92: it ends at once during a wait", async () => {
  const waiting = gate();
  const { ref, terminate } = await supervised({}, { host: "127.0.0.1", port: 1, user: "x", autoReconnect: true });
  ref.subscribe({ next: ({ value }) => value === "backingOff" && waiting.open() });
  if (ref.getSnapshot().value === "backingOff") waiting.open();
  await waiting.opened;
  expect(await terminate()).toBe("shutdown");
});

test("a connection that is killed lets go of its socket, and so of its slot", async () => {
  const { database, slot, start } = await slotted();
  await using _ = database;
  const Kind = ReplicationConnection.define<null>({
    init: () => null,
    handleConnect: (state) => stream(start, state),
    handleData: (_data, state) => noreply(state),
  });
  const ref = await Kind.startLink(undefined, { connectionString: database.url, runtime });
  if (ref === undefined) throw new Error("ignored");
  expect((await slot.state())?.active).toBe(true);
  kill(ref);
  for (let state = await slot.state(); state?.active === true; ) state = await slot.state();
  expect(isRunning(ref)).toBe(false);
});

test("R41: a handler that throws ends the connection with its error, and the slot is free when it has ended", async () => {
  const { database, slot, start } = await slotted();
  await using _ = database;
  const Kind = ReplicationConnection.define<null>({
    init: () => null,
    handleConnect: (state) => stream(start, state),
    handleInfo: () => {
      throw new Error("boom");
    },
    handleData: (_data, state) => noreply(state),
  });
  const ref = await Kind.startLink(undefined, { connectionString: database.url, autoReconnect: true, runtime });
  if (ref === undefined) throw new Error("ignored");
  const ended = exited(ref);
  ref.send({ type: "info", info: "go" });
  expect(await ended).toMatchObject({ type: "error", error: { message: "boom" } });
  expect((await slot.state())?.active).toBe(false);
});
