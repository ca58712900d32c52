import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { makeRuntime, settle, stop as stopProcess, sys } from "@trunkline/process";
import { encodeStandbyStatusUpdate, lsn } from "@trunkline/protocol";
import { copyBothResponse, gate, scriptedServer, xLogData } from "@trunkline/testing";
import { expect, test } from "vitest";
import type { InspectionEvent } from "xstate";
import { goodbye, started } from "../test/logging-connection.ts";
import { noreply, query, stream } from "./instruction.ts";
import { replicationChannelNames } from "./telemetry.ts";

test("R114: what happens is told on diagnostics_channel, and nothing of it is secret", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectQuery();
    peer.sendComplete("CREATE ROLE");
    await peer.expectQuery();
    peer.send(copyBothResponse(), xLogData("data", { walStart: "0/30" }));
    await peer.expectStatusUpdate();
    await peer.expectCopyDone();
    await goodbye(peer);
  });
  const told: unknown[] = [];
  const listen = (message: unknown, name: string | symbol): void => {
    const { connection: _, durationMs: __, ...rest } = message as Record<string, unknown>;
    told.push([String(name).replace("trunkline:replication:", ""), rest]);
  };
  for (const name of Object.values(replicationChannelNames)) subscribe(name, listen);
  const position = { written: lsn(0x30n), flushed: lsn(0x20n), applied: lsn(0x20n), clock: 0n, replyRequested: false };
  const acked = gate();
  const ref = await started(
    {
      handleConnect: (log) => query("CREATE ROLE x PASSWORD 'hunter2'", log),
      handleResult: (_, log) => stream("START_REPLICATION …", log),
      handleData: (_, log) => {
        acked.open();
        return noreply(log, [encodeStandbyStatusUpdate(position)]);
      },
    },
    { connectionString: server.url },
  );
  await acked.opened;
  await settle();
  await stopProcess(ref, "shutdown");
  for (const name of Object.values(replicationChannelNames)) unsubscribe(name, listen);
  expect(told).toEqual([
    ["connect-start", { attempt: 1 }],
    ["connected", { attempt: 1, connectionId: 4242 }],
    ["query", { command: "CREATE", failed: false }],
    ["stream-start", { copy: "both" }],
    ["acknowledged", { flushed: "0/20", received: "0/0", automatic: false }],
    ["batch", { messages: 1, bytes: 29, received: "0/30" }],
    ["stream-end", { how: "lost" }],
  ]);
  await server.done;
});

test("PX-51, R113: the password shows nowhere: not in inspection, dumps, errors or the log", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await goodbye(peer);
  });
  const password = "hunter2-very-secret";
  const seen: unknown[] = [];
  const runtime = makeRuntime({
    logger: {
      debug: (...all) => void seen.push(all),
      info: (...all) => void seen.push(all),
      warn: (...all) => void seen.push(all),
      error: (...all) => void seen.push(all),
    },
  });
  const ref = await started(
    {},
    {
      connectionString: server.url,
      password,
      runtime,
      inspect: (event: InspectionEvent) => {
        const { actorRef, rootId, type, ...rest } = event;
        seen.push({ type, rootId, id: actorRef.sessionId, ...("event" in rest ? { event: rest.event } : {}) });
        if ("snapshot" in rest && "context" in rest.snapshot) seen.push(rest.snapshot.context);
      },
    },
  );
  const { value, context, error, output } = ref.getSnapshot();
  seen.push({ value, context, error, output }, await sys.getStatus(ref), await sys.getState(ref));
  await stopProcess(ref, "shutdown");
  expect(seen.length).toBeGreaterThan(10);
  for (const item of seen) {
    expect(inspect(item, { depth: 5, showHidden: true })).not.toContain(password);
  }
});
