import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { inspect } from "node:util";
import {
  authenticationCleartextPassword,
  authenticationMd5Password,
  authenticationOk,
  authenticationRequest,
  authenticationSasl,
  authenticationSaslContinue,
  authenticationSaslFinal,
  backendKeyData,
  createCertificateAuthority,
  errorResponse,
  gate,
  negotiateProtocolVersion,
  noticeResponse,
  readyForQuery,
  type Script,
  scriptedServer,
} from "@trunkline/testing";
import { expect, test, vi } from "vitest";
import type { ConnectionOptions } from "../options/connection-options.ts";
import { connect } from "./connect.ts";

/** Options for a scripted server. */
const at = (server: { port: number }, more: ConnectionOptions = {}): ConnectionOptions => {
  return { host: "127.0.0.1", port: server.port, user: "scripted", password: "hunter2", database: "scripted", ...more };
};

/** A port nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Plays the script and answers the error that connecting ends with. */
async function failure(script: Script, more: ConnectionOptions = {}): Promise<unknown> {
  await using server = await scriptedServer(script);
  const error = await connect(at(server, more)).then(
    async (session) => {
      await session.close();
      return undefined;
    },
    (cause: unknown) => cause,
  );
  expect(error).toBeDefined();
  await server.close();
  return error;
}

const until = async (peer: Parameters<Script>[0]): Promise<void> => {
  await peer.expectClosed();
};

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

test("a password function is asked once for each login that needs a password", async () => {
  const script: Script = async (peer) => {
    await peer.expectStartup();
    peer.send(authenticationCleartextPassword());
    expect(await peer.expectPassword()).toBe(`token ${peer.number}`);
    peer.authOk();
  };
  await using server = await scriptedServer([script, script, (peer) => peer.login().then(() => {})]);
  let asked = 0;
  const password = async (): Promise<string> => {
    asked += 1;
    return `token ${asked}`;
  };
  for (const expected of [1, 2, 2]) {
    const session = await connect(at(server, { password }));
    await session.close();
    expect(asked).toBe(expected);
  }
  await server.done;
});

test.each([
  ["fails", () => Promise.reject(new Error("vault sealed"))],
  ["gives no string", () => 7 as unknown as string],
])("a password function that %s is a typed error", async (_, password) => {
  const script: Script = async (peer) => {
    await peer.expectStartup();
    peer.send(authenticationCleartextPassword());
    await peer.expectClosed();
  };
  expect(await failure(script, { password })).toMatchObject({
    name: "AuthenticationError",
    code: "password_unavailable",
  });
});

test("R12: a server that asks for a password when there is none is a typed error", async () => {
  vi.stubEnv("PGPASSWORD", "");
  const script: Script = async (peer) => {
    await peer.expectStartup();
    peer.send(authenticationMd5Password(Buffer.alloc(4)));
    await peer.expectClosed();
  };
  expect(await failure(script, { password: null })).toMatchObject({ code: "password_missing" });
  vi.unstubAllEnvs();
});

const salt = Buffer.from("salt").toString("base64");
const sasl = (...mechanisms: string[]): Script => {
  return async (peer) => {
    await peer.expectStartup();
    peer.send(authenticationSasl(mechanisms));
    await until(peer);
  };
};
const scramUntil = (after: (peer: Parameters<Script>[0], nonce: string) => Promise<void>): Script => {
  return async (peer) => {
    await peer.expectStartup();
    peer.send(authenticationSasl(["SCRAM-SHA-256"]));
    const { data } = await peer.expectSaslInitialResponse();
    await after(peer, /r=(.*)$/.exec(data)?.[1] ?? "");
  };
};

test.each<[string, Script, ConnectionOptions, object]>([
  [
    "an unknown method",
    async (peer) => {
      await peer.expectStartup();
      peer.send(authenticationRequest(7));
      await until(peer);
    },
    {},
    { code: "method_unsupported" },
  ],
  ["an unknown SASL mechanism", sasl("OAUTHBEARER"), {}, { code: "method_unsupported" }],
  ["SCRAM-PLUS without TLS", sasl("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"), {}, { code: "server_unverified" }],
  [
    "no channel to bind to, where it is required",
    sasl("SCRAM-SHA-256"),
    { channelBinding: "require" },
    { name: "AuthenticationError" },
  ],
  [
    "cleartext, where channel binding is required",
    async (peer) => {
      await peer.expectStartup();
      peer.send(authenticationCleartextPassword());
      await until(peer);
    },
    { channelBinding: "require" },
    { code: "channel_binding_unavailable" },
  ],
  [
    "cleartext, where requireAuth says scram",
    async (peer) => {
      await peer.expectStartup();
      peer.send(authenticationCleartextPassword());
      await until(peer);
    },
    { requireAuth: "scram-sha-256" },
    { code: "method_refused" },
  ],
  [
    "trust, where requireAuth says md5 or scram",
    async (peer) => {
      await peer.expectStartup();
      peer.send(authenticationOk());
      await until(peer);
    },
    { requireAuth: ["md5", "scram-sha-256"] },
    { code: "method_refused" },
  ],
  [
    "an Ok in the middle of SCRAM",
    scramUntil(async (peer) => {
      peer.send(authenticationOk());
      await until(peer);
    }),
    {},
    { code: "server_unverified" },
  ],
  [
    "a nonce that is not ours",
    scramUntil(async (peer) => {
      peer.send(authenticationSaslContinue(`r=other,s=${salt},i=4096`));
      await until(peer);
    }),
    {},
    { code: "server_unverified" },
  ],
  [
    "an Ok without the server's signature",
    scramUntil(async (peer, nonce) => {
      peer.send(authenticationSaslContinue(`r=${nonce}more,s=${salt},i=4096`));
      await peer.expectSaslResponse();
      peer.send(authenticationOk());
      await until(peer);
    }),
    {},
    { code: "server_unverified" },
  ],
  [
    "a wrong signature of the server",
    scramUntil(async (peer, nonce) => {
      peer.send(authenticationSaslContinue(`r=${nonce}more,s=${salt},i=4096`));
      await peer.expectSaslResponse();
      peer.send(authenticationSaslFinal(`v=${Buffer.alloc(32).toString("base64")}`));
      await until(peer);
    }),
    {},
    { code: "server_unverified" },
  ],
  [
    "the server's refusal",
    async (peer) => {
      await peer.expectStartup();
      peer.send(errorResponse({ severity: "FATAL", code: "28P01", message: "password authentication failed" }));
      peer.halfClose();
      await until(peer);
    },
    {},
    { name: "PostgresError", code: "28P01" },
  ],
  [
    "a row before it is ready",
    async (peer) => {
      await peer.expectStartup();
      peer.send(authenticationOk(), backendKeyData(1, Buffer.alloc(4)), Buffer.from([0x49, 0, 0, 0, 4]));
      await until(peer);
    },
    {},
    { name: "ConnectionError", kind: "protocol" },
  ],
  [
    "garbage",
    async (peer) => {
      await peer.expectStartup();
      peer.send(Buffer.from("SSH-2.0-OpenSSH_9.6\r\n"));
      await until(peer);
    },
    {},
    { name: "ConnectionError", kind: "protocol" },
  ],
  [
    "a close",
    async (peer) => {
      await peer.expectStartup();
      peer.halfClose();
      await until(peer);
    },
    {},
    { name: "ConnectionError", kind: "closed" },
  ],
])("R30: %s during the handshake is a typed error without the password in it", async (_, script, more, error) => {
  const found = await failure(script, more);
  expect(found).toMatchObject(error);
  expect(inspect(found, { depth: 9, showHidden: true })).not.toContain("hunter2");
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

const { ca, ...certificate } = createCertificateAuthority().issue();
const certificates = { ca, ...certificate };

test("R27: a server without TLS is an error, never plaintext", async () => {
  const script: Script = async (peer) => {
    await peer.expectSslRequest();
    await peer.refuseTls();
    await peer.expectClosed();
  };
  expect(await failure(script, { ssl: true })).toMatchObject({ name: "ConnectionError", kind: "tls_unavailable" });
});

test("sslmode=prefer goes on without TLS when the server has none", async () => {
  await using server = await scriptedServer((peer) => peer.login().then(() => {}));
  const session = await connect({ connectionString: `${server.url}?sslmode=prefer` });
  expect(session.transport).toBe("tcp");
  await session.close();
});

test("bytes sent along with the answer to SSLRequest are refused", async () => {
  const script: Script = async (peer) => {
    await peer.expectSslRequest();
    peer.send(Buffer.from("S"), errorResponse({ severity: "ERROR", code: "28000", message: "injected" }));
    await peer.expectClosed();
  };
  const error = await failure(script, { ssl: true });
  expect(error).toMatchObject({ name: "ConnectionError", kind: "protocol" });
  expect(inspect(error)).not.toContain("injected");
});

test.each([
  ["an error", errorResponse({ severity: "FATAL", code: "0A000", message: "unsupported frontend protocol" })],
  ["something else", Buffer.from("HTTP/1.1 400\r\n")],
])("%s in answer to SSLRequest is a typed error", async (_, answer) => {
  const script: Script = async (peer) => {
    await peer.expectSslRequest();
    peer.send(answer);
    await peer.expectClosed();
  };
  expect(await failure(script, { ssl: true })).toMatchObject({ name: "ConnectionError", kind: "protocol" });
});

test.each([
  ["an answer", async (peer: Parameters<Script>[0]) => peer.halfClose()],
  [
    "a TLS handshake",
    async (peer: Parameters<Script>[0]) => {
      peer.send(Buffer.from("S"));
      peer.halfClose();
    },
  ],
])("a server that ends instead of %s is a typed error", async (_, act) => {
  const script: Script = async (peer) => {
    await peer.expectSslRequest();
    await act(peer);
  };
  expect(await failure(script, { ssl: true })).toMatchObject({
    name: "ConnectionError",
    transport: "tls",
    action: "handshake",
  });
});

test("R27: ssl: true verifies the certificate, and rejectUnauthorized: false has to be said", async () => {
  const repeat = { ssl: certificates, repeat: true };
  await using server = await scriptedServer((peer) => peer.login().then(() => {}), repeat);
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  await expect(connect(at(server, { ssl: true }))).rejects.toMatchObject({ kind: "tls_failed", transport: "tls" });
  await expect(connect(at(server, { ssl: { rejectUnauthorized: undefined } }))).rejects.toMatchObject({
    kind: "tls_failed",
  });
  vi.unstubAllEnvs();
  for (const ssl of [{ ca }, { rejectUnauthorized: false }]) {
    const session = await connect(at(server, { ssl }));
    expect(session.transport).toBe("tls");
    await session.close();
  }
  await server.close();
});

test("the certificate's name has to be the host's", async () => {
  const other = createCertificateAuthority().issue({ hosts: ["elsewhere.example"] });
  await using server = await scriptedServer((peer) => peer.login().then(() => {}), { ssl: other, repeat: true });
  await expect(connect(at(server, { ssl: { ca: other.ca } }))).rejects.toMatchObject({
    kind: "tls_failed",
    cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
  });
  const session = await connect(at(server, { ssl: { ca: other.ca, servername: "elsewhere.example" } }));
  await session.close();
  await server.close();
});

test("R90: the cancel request of a TLS session goes over TLS", async () => {
  const script: Script = async (peer) => {
    await peer.login({ pid: 99, key: Buffer.from("abcd") });
    await peer.expectQuery("slow");
    await peer.expectTerminate();
  };
  const cancel: Script = async (peer) => {
    await peer.expectSslRequest();
    await peer.acceptTls();
    expect(await peer.expectCancelRequest()).toEqual({ pid: 99, key: Buffer.from("abcd") });
    expect(peer.encrypted).toBe(true);
    peer.halfClose();
  };
  await using server = await scriptedServer([script, cancel], { ssl: certificates });
  const session = await connect(at(server, { ssl: { ca } }));
  await expect(session.query("slow", { timeoutMs: 20 })).rejects.toMatchObject({ name: "QueryTimeout" });
  await session.close();
  await server.done;
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
