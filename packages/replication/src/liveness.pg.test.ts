import { exited, makeRuntime, silentLogger, stop as stopProcess } from "@trunkline/process";
import { startReplication } from "@trunkline/protocol";
import { faultProxy, gate, sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { noreply, ReplicationConnection, stream } from "./index.ts";

const runtime = makeRuntime({ logger: silentLogger });

async function streaming(livenessTimeoutMs: number, parameters: string) {
  const server = await sharedPostgres();
  const database = await server.database();
  const publication = await database.publication();
  const slot = await database.slot();
  const proxy = await faultProxy({ target: server });
  const started = gate();
  const seen = { keepalives: 0 };
  const answered = gate();
  const Kind = ReplicationConnection.define<null>({
    init: () => null,
    handleConnect: (state) => stream(startReplication({ slot: slot.name, publications: [publication.name] }), state),
    handleStreamStart: (state) => {
      started.open();
      return noreply(state);
    },
    handleData: (_, state) => {
      seen.keepalives += 1;
      if (seen.keepalives === 4) answered.open();
      return noreply(state);
    },
  });
  const ref = await Kind.startLink(undefined, {
    connectionString: proxy.urlOf(database.url),
    options: parameters,
    livenessTimeoutMs,
    runtime,
  });
  if (ref === undefined) throw new Error("ignored");
  await started.opened;
  return { database, proxy, ref, answered };
}

test("R93: a peer that is gone without a word is given up", async () => {
  const { database, proxy, ref } = await streaming(400, "-c wal_sender_timeout=0");
  const ended = exited(ref);
  for (const connection of proxy.connections) {
    connection.toClient.stall();
    connection.toServer.stall();
  }
  expect(await ended).toMatchObject({ type: "error", error: { code: "liveness_timeout" } });
  await proxy[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

test("R93: a quiet server with wal_sender_timeout=0 is asked, answers, and is kept", async () => {
  const { database, proxy, ref, answered } = await streaming(2000, "-c wal_sender_timeout=0");
  await answered.opened;
  expect(ref.getSnapshot().value).toEqual({ connected: "streaming" });
  await stopProcess(ref, "shutdown");
  await proxy[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
