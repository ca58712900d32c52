import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { inspect } from "node:util";
import {
  authenticationCleartextPassword,
  authenticationOk,
  gate,
  negotiateProtocolVersion,
  noticeResponse,
  notificationResponse,
  readyForQuery,
  type Script,
  scriptedServer,
} from "@trunkline/testing";
import { expect, test } from "vitest";
import { at, failure } from "../../test/connect-failure.ts";
import type { ConnectionOptions } from "../options/connection-options.ts";
import { connect } from "./connect.ts";

/** A port nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("PX-09 R22: the startup message has user, database, replication, then the user's own, in order", async () => {
  await using server = await scriptedServer(async (peer) => {
    const { parameters } = await peer.login();
    expect(parameters).toEqual([
      ["user", "scripted"],
      ["database", "scripted"],
      ["replication", "database"],
      ["TimeZone", "UTC"],
      ["geqo", "off"],
    ]);
  });
  const session = await connect(at(server, { parameters: { TimeZone: "UTC", geqo: "off" } }));
  expect(session).toMatchObject({ transport: "tcp", connectionId: 4242, state: "idle" });
  expect(session.parameters.get("server_encoding")).toBe("UTF8");
  await session.close();
  await server.done;
});

test("R30: notices and a protocol negotiation during the handshake are absorbed", async () => {
  const notices: string[] = [];
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    peer.send(
      noticeResponse({ severity: "NOTICE", code: "00000", message: "one" }),
      negotiateProtocolVersion(0, ["_pq_.x"]),
    );
    peer.send(
      authenticationOk(),
      noticeResponse({ severity: "NOTICE", code: "00000", message: "two" }),
      readyForQuery(),
    );
  });
  const session = await connect(at(server), { listeners: { notice: (report) => notices.push(report.message) } });
  expect(notices).toEqual(["one", "two"]);
  await session.close();
});

test("what stands right behind the first ReadyForQuery is the session's", async () => {
  const heard: unknown[] = [];
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    peer.send(authenticationOk(), readyForQuery(), notificationResponse(7, "channel", "payload"));
  });
  const session = await connect(at(server), {
    listeners: { notification: (notification) => heard.push(notification) },
  });
  expect(heard).toEqual([expect.objectContaining({ channel: "channel", payload: "payload" })]);
  await session.close();
});

test.each([
  ["never answered", async () => {}],
  ["answered by half a message", async (peer: Parameters<Script>[0]) => peer.send(Buffer.from([0x52, 0, 0]))],
])("R26 PX-13: a handshake that is %s ends in HandshakeTimeout and closes the socket", async (_, act) => {
  const over = gate();
  const script: Script = async (peer) => {
    await peer.expectStartup();
    await act(peer);
    await peer.expectClosed();
    over.open();
  };
  await using server = await scriptedServer(script);
  const attempt = connect(at(server, { handshakeTimeoutMs: 50 }));
  await expect(attempt).rejects.toMatchObject({ name: "HandshakeTimeout", code: "handshake_timeout", limitMs: 50 });
  await over.opened;
});

test("a password function that never answers is bounded by the handshake's limit", async () => {
  const script: Script = async (peer) => {
    await peer.expectStartup();
    peer.send(authenticationCleartextPassword());
    await peer.expectClosed();
  };
  const password = (): Promise<string> => new Promise(() => {});
  expect(await failure(script, { password, handshakeTimeoutMs: 30 })).toMatchObject({ name: "HandshakeTimeout" });
});

test.each(["before", "during"])("a signal that aborts %s the attempt ends it at once", async (when) => {
  const abort = new AbortController();
  const script: Script = async (peer) => {
    await peer.expectStartup();
    abort.abort(new Error("enough"));
    await peer.expectClosed();
  };
  await using server = await scriptedServer(script);
  if (when === "before") abort.abort(new Error("enough"));
  const error = { name: "ConnectionError", kind: "aborted", cause: { message: "enough" } };
  await expect(connect(at(server), { signal: abort.signal })).rejects.toMatchObject(error);
  await server.close();
});

test("R29: a refused connection says where, and what the system said", async () => {
  const port = await closedPort();
  await expect(connect({ host: "127.0.0.1", port })).rejects.toMatchObject({
    name: "ConnectionError",
    kind: "refused",
    code: "connection_refused",
    transport: "tcp",
    action: "connect",
    endpoint: { type: "tcp", host: "127.0.0.1", port },
    cause: { code: "ECONNREFUSED" },
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
});

test("a Unix socket that is not there is not_found", async () => {
  const error = { name: "ConnectionError", kind: "not_found", transport: "unix" };
  await expect(connect({ socket: "/nowhere/.s.PGSQL.5432" })).rejects.toMatchObject(error);
});

test("a host that has no address is not_found", async () => {
  const error = {
    name: "ConnectionError",
    kind: "not_found",
    cause: { code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) },
  };
  await expect(connect({ host: "nowhere.invalid" })).rejects.toMatchObject(error);
});

test("localhost is tried by each of its addresses", async () => {
  await using server = await scriptedServer((peer) => peer.login().then(() => {}));
  const session = await connect(at(server, { host: "localhost" }));
  await session.close();
});

test.runIf(process.platform === "linux")("a host that begins with @ is an abstract socket", async () => {
  await using server = await scriptedServer((peer) => peer.login().then(() => {}));
  const name = `trunkline-${process.pid}`;
  const abstract = createServer((client) => {
    client.pipe(createConnection(server.port, server.host)).pipe(client);
  });
  abstract.listen(`\0${name}/.s.PGSQL.${server.port}`);
  await once(abstract, "listening");
  const session = await connect(at(server, { host: `@${name}` }));
  expect(session.transport).toBe("unix");
  await session.close();
  abstract.close();
});

test("R24 PX-11: endpoints are tried in order, and one error lists them all", async () => {
  const [one, two] = [await closedPort(), await closedPort()];
  const endpoints = [
    ["127.0.0.1", one],
    ["127.0.0.1", two],
  ] as const;
  const error = await connect({ endpoints }).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ kind: "all_endpoints_failed", errors: [{ kind: "refused" }, { kind: "refused" }] });
  expect(String(error)).toMatch(new RegExp(`:${one}: ConnectionError.*\n.*:${two}: ConnectionError`));
});

test("R24: the first endpoint that can be used is used", async () => {
  await using server = await scriptedServer((peer) => peer.login().then(() => {}));
  const endpoints = [
    ["127.0.0.1", await closedPort()],
    ["127.0.0.1", server.port],
  ] as const;
  const phases: string[] = [];
  const session = await connect(at(server, { host: null, endpoints }), { onPhase: (phase) => phases.push(phase) });
  expect(session.endpoint).toEqual({ type: "tcp", host: "127.0.0.1", port: server.port });
  expect(phases).toEqual(["connecting", "connecting", "authenticating", "starting"]);
  await session.close();
});

test.each([
  ["primary", "off"],
  ["secondary", "on"],
] as const)("R25: a %s has transaction_read_only = %s", async (targetServerType, readOnly) => {
  const script: Script = async (peer) => {
    await peer.login();
    await peer.expectQuery(/transaction_read_only/i);
    peer.sendResult(["transaction_read_only"], [[readOnly]], "SHOW");
  };
  await using server = await scriptedServer([script, script]);
  const session = await connect(at(server, { targetServerType }));
  await session.close();
  const other = targetServerType === "primary" ? "secondary" : "primary";
  const error = { kind: "wrong_server_type", message: expect.stringContaining(`Expected a ${other}`) };
  await expect(connect(at(server, { targetServerType: other }))).rejects.toMatchObject(error);
});

test("R113: neither password nor cancel key shows in a printed session", async () => {
  await using server = await scriptedServer((peer) => peer.login({ key: Buffer.from("kEy!") }).then(() => {}));
  const session = await connect(at(server));
  const printed = inspect(session, { depth: 12, showHidden: true }) + JSON.stringify(session);
  expect(printed).not.toContain("hunter2");
  expect(printed).not.toMatch(/kEy!|6b 45 79 21/);
  await session.close();
});

test("an unknown option is refused before any network activity", async () => {
  await using server = await scriptedServer((peer) => peer.login().then(() => {}));
  const options = { ...at(server), hostname: "x" } as ConnectionOptions;
  await expect(connect(options)).rejects.toMatchObject({ name: "ConfigError", code: "option_unknown" });
  expect(server.connections).toBe(0);
});
