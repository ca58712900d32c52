import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { createCertificateAuthority, errorResponse, type Script, scriptedServer } from "@trunkline/testing";
import { expect, test, vi } from "vitest";
import { at, failure } from "../../test/connect-failure.ts";
import { connect } from "./connect.ts";

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

test("sslmode=prefer takes plaintext for a session, but sends the key of an encrypted one over TLS or not at all", async () => {
  const script: Script = async (peer) => {
    await peer.expectSslRequest();
    await peer.acceptTls();
    await peer.login();
    await peer.expectQuery("slow");
    await peer.expectTerminate();
  };
  const cancel: Script = async (peer) => {
    await peer.expectSslRequest();
    await peer.refuseTls();
    await peer.expectClosed();
  };
  await using server = await scriptedServer([script, cancel, cancel], { ssl: certificates });
  const session = await connect({ connectionString: `postgres://u@127.0.0.1:${server.port}/d?sslmode=prefer` });
  expect(session.transport).toBe("tls");
  const slow = expect(session.query("slow")).rejects.toMatchObject({ kind: "closed" });
  expect(await session.cancel()).toBe(false);
  await Promise.all([session.close(), slow, server.done]);
});

test("the server is told the name it is asked for by (SNI), so that a proxy can tell its databases apart", async () => {
  const names: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write("S");
      const secure = new TLSSocket(socket, {
        isServer: true,
        key: certificates.key,
        cert: certificates.cert,
        SNICallback: (name, answer) => {
          names.push(name);
          answer(null);
        },
      });
      secure.on("error", () => {});
      secure.once("data", () => secure.destroy());
    });
  });
  await once(server.listen(0, "localhost"), "listening");
  const { address, port } = server.address() as AddressInfo;
  for (const [host, ssl] of [
    ["localhost", { ca }],
    ["localhost", { ca, servername: "other.example", checkServerIdentity: () => undefined }],
    [address, { ca, checkServerIdentity: () => undefined }],
  ] as const) {
    await expect(connect({ host, port, user: "u", ssl })).rejects.toMatchObject({ kind: "closed" });
  }
  expect(names).toEqual(["localhost", "other.example"]); // an address is no name
  server.close();
});
