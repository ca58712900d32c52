import { call, type From, isRunning, reply, settle, stop as stopProcess, sys } from "@trunkline/process";
import { encodeStandbyStatusUpdate, lsn } from "@trunkline/protocol";
import { copyBothResponse, copyData, copyDone, gate, primaryKeepalive, scriptedServer } from "@trunkline/testing";
import { expect, test } from "vitest";
import { goodbye, login, loginAndStream, started, streaming, type Wanted } from "../test/logging-connection.ts";
import { noreply, query } from "./instruction.ts";

const asking: Wanted = {
  handleCall: (_request, from, log) => {
    asked = from;
    return query("SELECT 1", [...log, "call"]);
  },
  handleConnect: (log) => {
    if (asked !== undefined) reply(asked, "reconnecting");
    asked = undefined;
    return noreply([...log, "connect"]);
  },
};
let asked: From | undefined;

test("PR-06, R74: a call that came before the cut fails with the loss; handleDisconnect runs once", async () => {
  const cut = gate();
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await cut.opened;
    peer.reset();
  });
  const seen: string[] = [];
  const ref = await started(
    {
      ...asking,
      handleDisconnect: (reason, log) => {
        seen.push((reason as Error).name);
        return noreply(log);
      },
    },
    { connectionString: server.url },
  );
  await sys.suspend(ref);
  const failed = expect(call(ref, "query")).rejects.toMatchObject({
    code: "exited",
    reason: { type: "error", error: { name: "ConnectionError" } },
  });
  const closing = new Promise<void>((resolve) => {
    ref.subscribe({ next: ({ value }) => value === "closing" && resolve(), error: () => {} });
  });
  cut.open();
  await closing;
  expect(seen).toEqual([]);
  await sys.resume(ref);
  await failed;
  expect(seen).toEqual(["ConnectionError"]);
});

test("PR-08, R73: with autoReconnect the call survives the loss, and handleConnect can answer it", async () => {
  const cut = gate();
  await using server = await scriptedServer([
    async (peer) => {
      await peer.login();
      await cut.opened;
      peer.reset();
    },
    async (peer) => {
      await peer.login();
      await goodbye(peer);
    },
  ]);
  const ref = await started(asking, { connectionString: server.url, autoReconnect: true });
  await sys.suspend(ref);
  const answer = call(ref, "query");
  const closing = new Promise<void>((resolve) => {
    ref.subscribe({ next: ({ value }) => value === "closing" && resolve() });
  });
  cut.open();
  await closing;
  await sys.resume(ref);
  expect(await answer).toBe("reconnecting");
  expect(await sys.getState(ref)).toEqual(["connect", "call", "disconnect ConnectionError", "connect"]);
  await stopProcess(ref, "shutdown");
  await server.done;
});

test("R73: failPendingOnDisconnect answers open calls with the reason", async () => {
  const cut = gate();
  await using server = await scriptedServer([
    async (peer) => {
      await peer.login();
      await cut.opened;
      peer.reset();
    },
    login,
  ]);
  const ref = await started(
    { handleCall: (_request, _from, log) => noreply(log) },
    { connectionString: server.url, autoReconnect: true, failPendingOnDisconnect: true },
  );
  const failed = expect(call(ref, "anything")).rejects.toMatchObject({ name: "ConnectionError" });
  await settle();
  cut.open();
  await failed;
  await stopProcess(ref, "shutdown");
});

test("PX-42, R32: a call without handleCall is refused, and the connection lives", async () => {
  await using server = await scriptedServer(login);
  const ref = await started({}, { connectionString: server.url });
  await expect(call(ref, "anything")).rejects.toMatchObject({ code: "missing_callback" });
  expect(isRunning(ref)).toBe(true);
  await stopProcess(ref, "shutdown");
});

test("PX-35, R61: a query that a call asks for while streaming is refused to its caller", async () => {
  await using server = await scriptedServer(loginAndStream);
  const ref = await started(
    { ...streaming, handleCall: (_request, _from, log) => query("SELECT 1", [...log, "kept"]) },
    { connectionString: server.url },
  );
  await expect(call(ref, "anything")).rejects.toMatchObject({ code: "stream_in_progress" });
  expect(await sys.getState(ref)).toEqual(["connect", "kept"]);
  await stopProcess(ref, "shutdown");
});

test("R57, PX-37: a refused stream is a result, and the connection lives", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectQuery();
    peer.sendError({ code: "42704", message: "no such slot" });
    await goodbye(peer);
  });
  const ref = await started(streaming, { connectionString: server.url, autoReconnect: true });
  expect(await sys.getState(ref)).toMatchObject(["connect", expect.stringContaining("no such slot")]);
  expect(ref.getSnapshot().value).toEqual({ connected: "idle" });
  await stopProcess(ref, "shutdown");
  await server.done;
});

test("R86, R101: what one session confirmed is not repeated in the next, which may be another server", async () => {
  const position = { written: lsn(0x50n), flushed: lsn(0x50n), applied: lsn(0x50n) };
  const ack = encodeStandbyStatusUpdate({ ...position, clock: 0n, replyRequested: false });
  const ended = gate();
  await using server = await scriptedServer([
    async (peer) => {
      await peer.login();
      await peer.expectQuery("SHOW wal_sender_timeout");
      peer.sendComplete("SHOW");
      await peer.expectQuery();
      peer.send(copyBothResponse(), copyData("confirm"));
      await peer.expectStatusUpdate({ flushed: lsn(0x50n) });
      peer.send(primaryKeepalive("0/60", { replyRequested: true }));
      await peer.expectStatusUpdate({ flushed: lsn(0x50n), written: lsn(0x60n) });
      peer.reset();
    },
    async (peer) => {
      await peer.login();
      await peer.expectQuery("SHOW wal_sender_timeout");
      peer.sendComplete("SHOW");
      await peer.expectQuery();
      // An update of our own accord would come before the answer to CopyDone.
      peer.send(copyBothResponse(), primaryKeepalive("0/20", { replyRequested: true }), copyDone());
      await peer.expectCopyDone();
      ended.open();
      peer.sendComplete("START_REPLICATION");
      await goodbye(peer);
    },
  ]);
  const ref = await started(
    {
      ...streaming,
      handleData: (data, log) => noreply(log, String(data) === "confirm" ? [ack] : []),
    },
    { connectionString: server.url, autoReconnect: true, statusUpdates: true, syncConnect: false },
  );
  await ended.opened;
  await stopProcess(ref, "shutdown");
});
