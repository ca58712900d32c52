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
  errorResponse,
  type Script,
  scriptedServer,
} from "@trunkline/testing";
import { expect, test, vi } from "vitest";
import { at, failure } from "../../test/connect-failure.ts";
import type { ConnectionOptions } from "../options/connection-options.ts";
import { connect } from "./connect.ts";

const until = async (peer: Parameters<Script>[0]): Promise<void> => {
  await peer.expectClosed();
};

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
