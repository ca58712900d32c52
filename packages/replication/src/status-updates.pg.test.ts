import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { isRunning, makeRuntime, silentLogger, stop as stopProcess } from "@trunkline/process";
import {
  clockFromDate,
  decodePrimaryKeepalive,
  encodeStandbyStatusUpdate,
  isXLogData,
  PRIMARY_KEEPALIVE,
  startReplication,
} from "@trunkline/protocol";
import { gate, sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import {
  noreply,
  pause,
  ReplicationConnection,
  type ReplicationEvents,
  replicationChannelNames,
  resume,
  stream,
} from "./index.ts";

type Acknowledged = ReplicationEvents["acknowledged"] & { readonly connection: unknown };

/** Resolves when this many automatic status updates have been sent from now on. */
function automaticUpdates(connection: unknown, count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    const listen = (message: unknown): void => {
      const update = message as Acknowledged;
      if (update.connection !== connection || !update.automatic) return;
      left -= 1;
      if (left > 0) return;
      unsubscribe(replicationChannelNames.acknowledged, listen);
      resolve();
    };
    subscribe(replicationChannelNames.acknowledged, listen);
  });
}

async function slotted() {
  const server = await sharedPostgres();
  const database = await server.database();
  await database.query("CREATE TABLE things (id int)");
  const publication = await database.publication();
  const slot = await database.slot();
  return { database, slot, start: startReplication({ slot: slot.name, publications: [publication.name] }) };
}

const runtime = makeRuntime({ logger: silentLogger });
const impatient = { options: "-c wal_sender_timeout=600ms" };

const confirmed = (data: Uint8Array): Buffer => {
  const { walEnd } = decodePrimaryKeepalive(data);
  const position = { written: walEnd, flushed: walEnd, applied: walEnd };
  return encodeStandbyStatusUpdate({ ...position, clock: clockFromDate(new Date()), replyRequested: false });
};

test("R101, W41: a paused consumer outlives wal_sender_timeout, and gets everything when it goes on", async () => {
  const { database, slot, start } = await slotted();
  await using _ = database;
  const paused = gate();
  const through = gate();
  let rows = 0;
  const Consumer = ReplicationConnection.define<{ readonly acked: boolean }>({
    init: () => ({ acked: false }),
    handleConnect: (state) => stream(start, state),
    handleInfo: (_, state) => resume(state),
    handleData: (data, state) => {
      if (typeof data === "symbol") return noreply(state);
      if (isXLogData(data)) rows += data[25] === 0x49 ? 1 : 0;
      if (rows === 1000) through.open();
      if (data[0] !== PRIMARY_KEEPALIVE || state.acked) return noreply(state);
      paused.open();
      return pause({ acked: true }, [confirmed(data)]);
    },
  });
  const ref = await Consumer.startLink(undefined, { connectionString: database.url, ...impatient, runtime });
  if (ref === undefined) throw new Error("ignored");
  await paused.opened;
  // A third of 600 ms apart: three times the timeout.
  const outlived = automaticUpdates(ref, 9);
  await database.query("INSERT INTO things SELECT generate_series(1, 1000)");
  await outlived;
  expect(isRunning(ref)).toBe(true);
  expect((await slot.state())?.active).toBe(true);
  expect(rows).toBe(0);
  ref.send({ type: "info", info: "go on" });
  await through.opened;
  await stopProcess(ref, "shutdown");
});

test("R101: a handler that takes longer than wal_sender_timeout does not lose the connection", async () => {
  const { database, slot, start } = await slotted();
  await using _ = database;
  const busy = gate();
  const finish = gate();
  const through = gate();
  const Consumer = ReplicationConnection.define<{ readonly acked: boolean }>({
    init: () => ({ acked: false }),
    handleConnect: (state) => stream(start, state),
    handleData: async (data, state) => {
      if (typeof data === "symbol") return noreply(state);
      if (data[0] === PRIMARY_KEEPALIVE)
        return state.acked ? noreply(state) : noreply({ acked: true }, [confirmed(data)]);
      if (isXLogData(data) && data[25] === 0x49) {
        busy.open();
        await finish.opened;
      }
      if (isXLogData(data) && data[25] === 0x43) through.open();
      return noreply(state);
    },
  });
  const ref = await Consumer.startLink(undefined, { connectionString: database.url, ...impatient, runtime });
  if (ref === undefined) throw new Error("ignored");
  await database.query("INSERT INTO things VALUES (1)");
  await busy.opened;
  await automaticUpdates(ref, 9);
  expect((await slot.state())?.active).toBe(true);
  finish.open();
  await through.opened;
  await stopProcess(ref, "shutdown");
});
