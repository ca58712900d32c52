import { once } from "node:events";
import { encodeStandbyStatusUpdate, parseLsn, ZERO_LSN } from "@trunkline/protocol";
import pg from "pg";
import { expect, test } from "vitest";
import { cancelRequest, frontend, rawClient, sslRequest, startupMessage } from "../../test/raw-client.ts";
import { authenticationCleartextPassword, authenticationMd5Password } from "../backend/authentication.ts";
import { copyBothResponse, copyData, copyDone, primaryKeepalive, xLogData } from "../backend/copy.ts";
import { commandComplete } from "../backend/query-result.ts";
import { errorResponse, noticeResponse } from "../backend/report.ts";
import { readyForQuery } from "../backend/session.ts";
import { createCertificateAuthority } from "../tls/certificate-authority.ts";
import { isStandbyReply } from "./client-frame.ts";
import { gate } from "./gate.ts";
import type { Peer } from "./peer.ts";
import { type Script, scriptedServer } from "./scripted-server.ts";

const startup = startupMessage({ user: "u", database: "d", replication: "database" });

test("node-postgres logs in, queries, gets an error, and leaves", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup({
      user: "scripted",
      database: "scripted",
      application_name: "pg",
      client_encoding: "UTF8",
    });
    peer.send(authenticationCleartextPassword());
    expect(await peer.expectPassword()).toBe("secret");
    peer.authOk();
    await peer.expectQuery("SELECT 1");
    peer.sendResult(["one", "two"], [["1", null]]);
    await peer.expectQuery(/^SELCT/);
    peer.sendError({ code: "42601", message: "syntax error", more: { P: "1" } });
    await peer.expectTerminate();
    await peer.expectClosed();
  });
  const client = new pg.Client({ connectionString: withPassword(server.url), application_name: "pg" });
  await client.connect();
  expect((await client.query("SELECT 1")).rows).toEqual([{ one: "1", two: null }]);
  await expect(client.query("SELCT 1")).rejects.toMatchObject({ code: "42601", position: "1" });
  await client.end();
  await server.done;
  expect(server.connections).toBe(1);
});

test("md5 asks with its salt", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    peer.send(authenticationMd5Password(Buffer.from([1, 2, 3, 4])));
    expect(await peer.expectPassword()).toMatch(/^md5[0-9a-f]{32}$/);
    peer.authOk();
  });
  await using client = await open(server.url);
  expect(client).toBeDefined();
  await server.done;
});

test("startup parameters are answered in the order sent", async () => {
  await using server = await scriptedServer(async (peer) => {
    const { parameters, version } = await peer.expectStartup();
    expect(version).toBe(196_608);
    expect(parameters).toEqual([
      ["user", "u"],
      ["database", "d"],
      ["replication", "database"],
    ]);
  });
  using client = await rawClient(server.port);
  client.socket.write(startup);
  await server.done;
});

test("a failed expectation shows what was expected, what came and what came before", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectQuery("SELECT 1");
  });
  using client = await rawClient(server.port);
  client.socket.write(Buffer.concat([startup, frontend("Q", "SELCT 1\0")]));
  const done = server.done;
  await expect(done).rejects.toMatchObject({ code: "script_failed" });
  await expect(done).rejects.toThrow(
    /expected: Query "SELECT 1"\n {2}received: Query "SELCT 1"\nBefore that:\n {2}Startup \{"user":"u"/,
  );
  expect(await client.over).not.toBe(""); // the client is let go
});

test("a script that waits in vain ends at its deadline and says for what", async () => {
  await using server = await scriptedServer((peer) => peer.expectCopyDone(), { deadlineMs: 30 });
  using client = await rawClient(server.port);
  client.socket.write(startup.subarray(0, 5));
  const done = server.done;
  await expect(done).rejects.toMatchObject({ code: "script_deadline" });
  await expect(done).rejects.toThrow(/30 ms for CopyDone. Received:\n {2}5 bytes of an incomplete frame/);
});

test("done does not wait for ever for a client that never comes", async () => {
  await using server = await scriptedServer(async () => {}, { deadlineMs: 30 });
  await expect(server.done).rejects.toThrow(/connection 1 of 1/);
});

test("a failure that nobody has seen is reported when the server is disposed", async () => {
  const server = await scriptedServer(() => Promise.reject(new Error("unseen")));
  using client = await rawClient(server.port);
  await client.over;
  await expect(server[Symbol.asyncDispose]()).rejects.toThrow("unseen");
});

test("a connection more than there are scripts is a failure, unless the last script repeats", async () => {
  const script = async () => {};
  await using strict = await scriptedServer([script]);
  using _1 = await rawClient(strict.port);
  await strict.done;
  using _2 = await rawClient(strict.port);
  await _2.over;
  await expect(strict.done).rejects.toThrow(/Connection 2 came/);

  await using patient = await scriptedServer([script], { repeat: true });
  using _3 = await rawClient(patient.port);
  using _4 = await rawClient(patient.port);
  await patient.done;
});

test("each connection plays its own script", async () => {
  const order: number[] = [];
  const script = async (peer: { readonly number: number }) => {
    order.push(peer.number);
  };
  await using server = await scriptedServer([script, script, script]);
  for (let count = 0; count < 3; count += 1) {
    using _ = await rawClient(server.port);
  }
  await server.done;
  expect(order).toEqual([1, 2, 3]);
});

test("a replication stream is played and the client's confirmations are checked", async () => {
  const written = parseLsn("16/B374D848");
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectQuery(/^START_REPLICATION/);
    peer.send(noticeResponse({ severity: "NOTICE", code: "00000", message: "first" }), copyBothResponse());
    peer.send(xLogData("one", { walStart: "0/10" }), primaryKeepalive("0/20", { replyRequested: true }));
    await peer.expectStatusUpdate({ written, flushed: ZERO_LSN });
    expect(await peer.expectCopyData("hello")).toEqual(Buffer.from("hello"));
    peer.ignore(isStandbyReply);
    await peer.expectCopyDone();
    peer.send(copyDone(), commandComplete("COPY 0"), commandComplete("START_REPLICATION"), readyForQuery());
    await peer.expectTerminate();
    await peer.expectEnd();
    peer.halfClose();
  });
  using client = await rawClient(server.port);
  const update = encodeStandbyStatusUpdate({
    written,
    flushed: ZERO_LSN,
    applied: ZERO_LSN,
    clock: 0n,
    replyRequested: false,
  });
  client.socket.write(Buffer.concat([startup, frontend("Q", "START_REPLICATION …\0")]));
  client.socket.write(
    Buffer.concat([frontend("d", update), frontend("d", "hello"), frontend("d", update), frontend("c")]),
  );
  client.socket.end(frontend("X"));
  await server.done;
  expect(await client.over).toBe("end");
  const received = client.received().toString("latin1");
  expect(received).toContain("one");
  expect(received.endsWith("COPY 0\0C\0\0\0\x16START_REPLICATION\0Z\0\0\0\x05I")).toBe(true);
});

test("a wrong parameter, a missing one, and other data are failures", async () => {
  const failing = async (script: Script, sent: Uint8Array) => {
    await using server = await scriptedServer(script);
    using client = await rawClient(server.port);
    client.socket.write(sent);
    await expect(server.done).rejects.toMatchObject({ code: "script_failed" });
  };
  const login = (parameters: Record<string, string>) => (peer: Peer) => peer.expectStartup(parameters).then(() => {});
  await failing(login({ user: "u", database: "d", replication: "true" }), startup);
  await failing(login({ user: "u", database: "d" }), startup);
  await failing(
    async (peer) => {
      await peer.expectStartup();
      await peer.expectCopyData("one");
    },
    Buffer.concat([startup, frontend("d", "two")]),
  );
});

test("a wrong position in a status update is a failure", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    await peer.expectStatusUpdate({ flushed: parseLsn("0/9") });
  });
  using client = await rawClient(server.port);
  const zero = { written: ZERO_LSN, flushed: ZERO_LSN, applied: ZERO_LSN, clock: 0n, replyRequested: false };
  client.socket.write(Buffer.concat([startup, frontend("d", encodeStandbyStatusUpdate(zero))]));
  await expect(server.done).rejects.toThrow(/received: StandbyStatusUpdate 0\/0 0\/0 0\/0 replyRequested false/);
});

test("bytes are split where the script says", async () => {
  const bytes = copyData("0123456789");
  await using server = await scriptedServer((peer) => peer.sendSplit(bytes, [3, 1, 9]));
  using client = await rawClient(server.port);
  await server.done;
  expect(await client.bytes(bytes.length)).toEqual(bytes);
  expect(client.pieces.map((piece) => piece.length)).toEqual([3, 1, 9, 2]);
});

test("a script waits until the test opens a gate, and the test for the script", async () => {
  const go = gate();
  const there = gate();
  await using server = await scriptedServer(async (peer) => {
    peer.send(Buffer.from("a"));
    there.open();
    await peer.until(go.opened);
    peer.send(Buffer.from("b"));
  });
  using client = await rawClient(server.port);
  await there.opened;
  expect((await client.bytes(1)).toString()).toBe("a");
  go.open();
  expect((await client.bytes(2)).toString()).toBe("ab");
});

test("frames that came in one piece can be told from frames that did not", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    const chunk = () => peer.expect("CopyData", (frame) => (frame.type === "message" ? frame.chunk : undefined));
    expect(await chunk()).toBe(await chunk());
    peer.send(Buffer.from("!"));
    expect(await chunk()).toBeGreaterThan(1);
  });
  using client = await rawClient(server.port);
  client.socket.write(startup);
  client.socket.write(Buffer.concat([frontend("d", "1"), frontend("d", "2")]));
  await client.bytes(1);
  client.socket.write(frontend("d", "3"));
  await server.done;
});

test("the server resets, half-closes, and sees the client do so", async () => {
  await using server = await scriptedServer([
    async (peer) => {
      await peer.expectStartup();
      peer.reset();
    },
    async (peer) => {
      peer.halfClose();
      await peer.expectStartup(); // the other direction is open still
    },
    async (peer) => peer.expect("RST", (frame) => (frame.type === "reset" ? true : undefined)).then(() => {}),
  ]);
  using first = await rawClient(server.port);
  first.socket.write(startup);
  expect(await first.over).toBe("ECONNRESET");
  using second = await rawClient(server.port);
  expect(await second.over).toBe("end");
  second.socket.write(startup);
  using third = await rawClient(server.port);
  third.socket.resetAndDestroy();
  await server.done;
});

test("a client that writes on while the server doesn't read is held back, and goes on when it does", async () => {
  const blocked = gate();
  await using server = await scriptedServer(async (peer) => {
    peer.pauseReading();
    await peer.until(blocked.opened);
    peer.resumeReading();
    await peer.expectStartup();
    await peer.expectEnd();
  });
  using client = await rawClient(server.port);
  client.socket.write(startup);
  const full = !client.socket.write(frontend("d", Buffer.alloc(10_000_000)));
  expect(full).toBe(true);
  client.socket.end();
  blocked.open();
  await expect(server.done).rejects.toThrow(/received: CopyData/);
});

test("TLS is accepted with a certificate, refused without, also for a cancel request", async () => {
  const authority = createCertificateAuthority();
  await using server = await scriptedServer(
    [
      async (peer) => {
        await peer.login();
        expect(peer.encrypted).toBe(true);
        await peer.expectQuery();
        peer.sendComplete("DO");
        await peer.expectTerminate();
      },
      async (peer) => {
        expect(await peer.expectCancelRequest()).toEqual({ pid: 7, key: Buffer.from([1, 2, 3, 4]) });
        peer.halfClose();
      },
    ],
    { ssl: authority.issue() },
  );
  const client = new pg.Client({ connectionString: server.url, ssl: { ca: authority.ca } });
  await client.connect();
  await client.query("DO $$BEGIN END$$");
  await client.end();
  using plain = await rawClient(server.port);
  plain.socket.write(cancelRequest(7, Buffer.from([1, 2, 3, 4])));
  await server.done;

  await using without = await scriptedServer(async (peer) => {
    await peer.expectStartup({ user: "u", database: "d", replication: "database" });
  });
  using refused = await rawClient(without.port);
  refused.socket.write(sslRequest);
  expect((await refused.bytes(1)).toString()).toBe("N");
  refused.socket.write(startup);
  await without.done;
});

test("a reset under TLS reaches the client", async () => {
  const authority = createCertificateAuthority();
  await using server = await scriptedServer(
    async (peer) => {
      await peer.login();
      peer.reset();
    },
    { ssl: authority.issue() },
  );
  const client = new pg.Client({ connectionString: server.url, ssl: { ca: authority.ca } });
  const lost = once(client, "error");
  client.connect().catch(() => {});
  await lost;
  await server.done;
});

test("a fatal error in the same segment as data arrives whole", async () => {
  const fatal = errorResponse({ severity: "FATAL", code: "57P01", message: "terminating connection", hint: "none" });
  await using server = await scriptedServer(async (peer) => {
    peer.send(copyData("1"), copyData("2"), fatal);
    peer.halfClose();
  });
  using client = await rawClient(server.port);
  expect(await client.over).toBe("end");
  expect(client.received()).toEqual(Buffer.concat([copyData("1"), copyData("2"), fatal]));
});

test("a frame of impossible length fails the script instead of waiting for it", async () => {
  await using server = await scriptedServer((peer) => peer.expectStartup().then(() => {}));
  using client = await rawClient(server.port);
  client.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0]));
  await expect(server.done).rejects.toThrow(/frame of length 4294967295/);
});

async function open(connectionString: string): Promise<AsyncDisposable> {
  const client = new pg.Client({ connectionString: withPassword(connectionString) });
  await client.connect();
  return { [Symbol.asyncDispose]: () => client.end() };
}

function withPassword(url: string): string {
  return Object.assign(new URL(url), { password: "secret" }).href;
}
