import { exited, makeRuntime, SimulatedTime, settle, silentLogger, stop as stopProcess, sys } from "@trunkline/process";
import { encodeStandbyStatusUpdate, lsn, PRIMARY_KEEPALIVE } from "@trunkline/protocol";
import {
  copyBothResponse,
  copyData,
  copyDone,
  errorResponse,
  gate,
  primaryKeepalive,
  scriptedServer,
  xLogData,
} from "@trunkline/testing";
import { expect, test } from "vitest";
import { goodbye, loginAndStream, started, streaming } from "../test/logging-connection.ts";
import { DONE } from "./done.ts";
import { noreply, pause, query, resume, stream } from "./instruction.ts";
import { stateOf } from "./machine/states.ts";

test("PX-27, PX-30, R65: what was complete is delivered before a FATAL error ends the connection", async () => {
  const begin = gate();
  await using server = await scriptedServer(async (peer) => {
    await loginAndStream(peer);
    await begin.opened;
    peer.send(copyData("one"), copyData("two"), errorResponse({ severity: "FATAL", code: "57P01", message: "bye" }));
    peer.halfClose();
  });
  const seen: string[] = [];
  const ref = await started(
    {
      ...streaming,
      handleData: (data, log) => {
        seen.push(String(data));
        return noreply(log);
      },
      handleDisconnect: (reason, log) => {
        seen.push(`disconnect ${(reason as Error).name}`);
        return noreply(log);
      },
    },
    { connectionString: server.url },
  );
  const ended = exited(ref);
  begin.open();
  expect(await ended).toMatchObject({ type: "error", error: { code: "57P01" } });
  expect(seen).toEqual(["one", "two", "disconnect PostgresError"]);
});

test("PX-31, R97: at most maxMessages come between two turns of the mailbox", async () => {
  const begin = gate();
  await using server = await scriptedServer(async (peer) => {
    await loginAndStream(peer);
    await begin.opened;
    peer.send(...["1", "2", "3", "4", "5"].map((text) => copyData(text)));
  });
  const done = gate();
  const ref = await started(
    {
      handleConnect: (log) => stream("START_REPLICATION …", log, { maxMessages: 2 }),
      handleInfo: (_, log) => noreply([...log, "info"]),
      handleData: (data, log) => {
        const text = String(data);
        if (text === "1") ref.send({ type: "info", info: undefined });
        if (text === "5") setImmediate(() => done.open());
        return noreply([...log, text]);
      },
    },
    { connectionString: server.url },
  );
  begin.open();
  await done.opened;
  expect(await sys.getState(ref)).toEqual(["1", "2", "info", "3", "4", "5"]);
  await stopProcess(ref, "shutdown");
});

test("PX-33, R66: CopyDone is answered with CopyDone, and then the connection takes queries again", async () => {
  await using server = await scriptedServer(async (peer) => {
    await loginAndStream(peer);
    peer.send(copyDone());
    await peer.expectCopyDone();
    peer.sendComplete("START_REPLICATION");
    await peer.expectQuery("SELECT 1");
    peer.sendComplete("SELECT 0");
    await goodbye(peer);
  });
  const through = gate();
  const ref = await started(
    {
      ...streaming,
      handleData: (data, log) => (data === DONE ? query("SELECT 1", [...log, "DONE"]) : noreply(log)),
      handleResult: (_, log) => {
        through.open();
        return noreply([...log, "results"]);
      },
    },
    { connectionString: server.url },
  );
  await through.opened;
  await settle();
  expect(await sys.getState(ref)).toEqual(["connect", "DONE", "results"]);
  await stopProcess(ref, "shutdown");
  await server.done;
});

test("R101: a keepalive that asks is answered with what is confirmed, also while a handler is busy", async () => {
  const busy = gate();
  const ack = encodeStandbyStatusUpdate({
    written: lsn(16n),
    flushed: lsn(16n),
    applied: lsn(16n),
    clock: 0n,
    replyRequested: false,
  });
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectQuery("SHOW wal_sender_timeout");
    peer.sendResult([{ name: "wal_sender_timeout" } as never], [["1min"]]);
    await peer.expectQuery();
    peer.send(copyBothResponse(), primaryKeepalive("0/20", { replyRequested: true }));
    peer.send(xLogData("data", { walStart: "0/30" }));
    await peer.expectStatusUpdate({ flushed: lsn(16n), written: lsn(16n) });
    peer.send(primaryKeepalive("0/40"), primaryKeepalive("0/50", { replyRequested: true }));
    await peer.expectStatusUpdate({ flushed: lsn(16n), written: lsn(0x50n), replyRequested: false });
    peer.send(xLogData("data", { walStart: "0/60" }), primaryKeepalive("0/70"));
  });
  const ref = await started(
    {
      ...streaming,
      handleData: async (data, log) => {
        if (data === DONE || data[0] !== PRIMARY_KEEPALIVE) {
          return log.length < 2 ? noreply([...log, "acked"], [ack]) : noreply(log);
        }
        await busy.opened;
        return noreply(log);
      },
    },
    { connectionString: server.url, statusUpdates: true },
  );
  busy.open();
  await server.done;
  await stopProcess(ref, "shutdown");
});

test("data that comes with the start of a stream waits for handleStreamStart, also while that is busy", async () => {
  const busy = gate();
  const finish = gate();
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectQuery();
    peer.send(copyBothResponse(), copyData("one"), copyData("two"));
  });
  const through = gate();
  const ref = await started(
    {
      ...streaming,
      handleStreamStart: async (log) => {
        busy.open();
        await finish.opened;
        return noreply([...log, "started"]);
      },
      handleData: (data, log) => {
        if (String(data) === "two") setImmediate(() => through.open());
        return noreply([...log, String(data)]);
      },
    },
    { connectionString: server.url, syncConnect: false },
  );
  await busy.opened;
  await settle();
  expect(await sys.getState(ref)).toEqual(["connect"]);
  finish.open();
  await through.opened;
  expect(await sys.getState(ref)).toEqual(["connect", "started", "one", "two"]);
  await stopProcess(ref, "shutdown");
});

test("a pause before the first data holds all of it until resume", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectQuery();
    peer.send(copyBothResponse(), copyData("one"));
  });
  const through = gate();
  const ref = await started(
    {
      ...streaming,
      handleStreamStart: (log) => pause([...log, "paused"]),
      handleInfo: (_, log) => resume([...log, "resumed"]),
      handleData: (data, log) => {
        setImmediate(() => through.open());
        return noreply([...log, String(data)]);
      },
    },
    { connectionString: server.url },
  );
  await settle();
  expect(await sys.getState(ref)).toEqual(["connect", "paused"]);
  ref.send({ type: "info", info: "go on" });
  await through.opened;
  expect(await sys.getState(ref)).toEqual(["connect", "paused", "resumed", "one"]);
  await stopProcess(ref, "shutdown");
});

test("R93: while our own pause keeps us from reading, the server's silence is no sign of its death", async () => {
  const clock = new SimulatedTime();
  await using server = await scriptedServer(async (peer) => {
    await loginAndStream(peer);
    peer.send(copyData("one"), copyData("two"));
    await peer.expectCopyDone();
    await goodbye(peer);
  });
  const paused = gate();
  const all = gate();
  const ref = await started(
    {
      ...streaming,
      handleInfo: (_, log) => resume(log),
      handleData: (data, log) => {
        if (String(data) === "two") all.open();
        else paused.open();
        return String(data) === "one" ? pause(log) : noreply(log);
      },
    },
    { connectionString: server.url, livenessTimeoutMs: 60_000, runtime: makeRuntime({ clock, logger: silentLogger }) },
  );
  await paused.opened;
  await clock.advance(600_000);
  expect(stateOf(ref.getSnapshot().value)).toBe("connected.streaming");
  ref.send({ type: "info", info: undefined });
  await all.opened;
  await stopProcess(ref, "shutdown");
});

test("handleBytes gets each payload as a range of a slab, keepalives too; DONE goes to handleData", async () => {
  await using server = await scriptedServer(async (peer) => {
    await loginAndStream(peer);
    peer.send(copyData("one"), copyData(""), primaryKeepalive("0/20"), copyData("three"), copyDone());
    await peer.expectCopyDone();
    peer.sendComplete("START_REPLICATION");
    await goodbye(peer);
  });
  const done = gate();
  const ref = await started(
    {
      ...streaming,
      handleBytes: (slab, from, to, log) =>
        noreply([
          ...log,
          slab[from] === PRIMARY_KEEPALIVE ? "keepalive" : Buffer.from(slab.subarray(from, to)).toString(),
        ]),
      handleData: (data, log) => {
        done.open();
        return noreply([...log, data === DONE ? "DONE" : "a view"]);
      },
    },
    { connectionString: server.url },
  );
  await done.opened;
  await settle();
  expect(await sys.getState(ref)).toEqual(["connect", "one", "", "keepalive", "three", "DONE"]);
  await stopProcess(ref, "shutdown");
  await server.done;
});
