import { randomBytes } from "node:crypto";
import type { TLSSocket } from "node:tls";
import {
  type AuthenticationMessage,
  chooseScram,
  encodePassword,
  encodeSaslInitialResponse,
  encodeSaslResponse,
  md5Password,
  ProtocolError,
  startScram,
  tlsServerEndPoint,
} from "@trunkline/protocol";
import type { AuthMethod } from "../options/connection-options.ts";
import type { ConnectionConfig, PasswordSource } from "../options/parse-options.ts";
import { Secret } from "../options/secret.ts";
import { AuthenticationError, type AuthenticationErrorCode } from "./authentication-error.ts";

/** The conversation an authentication takes place in. */
export interface AuthenticationPeer {
  /** The next authentication message; everything else is the caller's. */
  next(): Promise<AuthenticationMessage>;
  send(bytes: Uint8Array): void;
  /** `undefined` without TLS. */
  readonly tlsSocket: TLSSocket | undefined;
}

type AuthenticationConfig = Pick<ConnectionConfig, "user" | "password" | "requireAuth" | "channelBinding">;

/**
 * Logs in by the method the server asks for, as far as `requireAuth` and `channelBinding` allow, until
 * AuthenticationOk. A server that asks for SCRAM has to prove that it knows the password before its Ok is believed.
 * @throws AuthenticationError; ProtocolError for a message out of turn
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP
 */
export async function authenticate(config: AuthenticationConfig, peer: AuthenticationPeer): Promise<void> {
  const request = await peer.next();
  switch (request.type) {
    case "authenticationOk":
      return allow(config, "none");
    case "authenticationCleartextPassword":
      allow(config, "password");
      peer.send(encodePassword((await askPassword(config.password)).reveal()));
      return expectOk(peer);
    case "authenticationMd5Password": {
      allow(config, "md5");
      const password = (await askPassword(config.password)).reveal();
      peer.send(encodePassword(md5Password({ user: config.user, password, salt: request.salt })));
      return expectOk(peer);
    }
    case "authenticationSasl":
      allow(config, "scram-sha-256");
      return scram(config, peer, request.mechanisms);
    case "authenticationUnsupported":
      throw new AuthenticationError("method_unsupported", `The server asks for ${request.method}.`);
    case "authenticationSaslContinue":
    case "authenticationSaslFinal":
      throw outOfTurn(request.type);
  }
}

async function scram(
  config: AuthenticationConfig,
  peer: AuthenticationPeer,
  mechanisms: readonly string[],
): Promise<void> {
  const { tlsSocket } = peer;
  const channelBinding = translated(() => {
    const certificate = tlsSocket?.getPeerCertificate().raw;
    const endPoint = certificate === undefined ? undefined : tlsServerEndPoint(certificate);
    return chooseScram({ mechanisms, policy: config.channelBinding, tls: tlsSocket !== undefined, endPoint });
  });
  const password = await askPassword(config.password);
  const first = startScram({ nonce: randomBytes(18).toString("base64"), channelBinding });
  peer.send(encodeSaslInitialResponse(first.mechanism, first.message));

  const challenge = await peer.next();
  if (challenge.type !== "authenticationSaslContinue") throw outOfTurn(challenge.type);
  const final = await first.respond(challenge.data, password.reveal()).catch(rethrowTranslated);
  peer.send(encodeSaslResponse(final.message));

  const proof = await peer.next();
  if (proof.type !== "authenticationSaslFinal") throw outOfTurn(proof.type);
  translated(() => final.verify(proof.data));
  return expectOk(peer);
}

async function expectOk(peer: AuthenticationPeer): Promise<void> {
  const message = await peer.next();
  if (message.type !== "authenticationOk") throw outOfTurn(message.type);
}

function outOfTurn(type: AuthenticationMessage["type"]): AuthenticationError {
  const what =
    type === "authenticationOk"
      ? "The server lets us in without having proved who it is."
      : `The server sent ${type} out of turn.`;
  return new AuthenticationError("server_unverified", what);
}

function allow({ requireAuth, channelBinding }: AuthenticationConfig, method: AuthMethod): void {
  const asks = method === "none" ? "The server asks for no password" : `The server asks for the method ${method}`;
  if (requireAuth !== undefined && !requireAuth.includes(method)) {
    throw new AuthenticationError("method_refused", `${asks}; requireAuth allows ${requireAuth.join(", ")}.`);
  }
  if (channelBinding === "require" && method !== "scram-sha-256") {
    throw new AuthenticationError("channel_binding_unavailable", `${asks}, which can't be bound to the channel.`);
  }
}

async function askPassword(source: PasswordSource): Promise<Secret<string>> {
  switch (source.type) {
    case "none":
      throw new AuthenticationError("password_missing", "The server asks for a password, and there is none.");
    case "value":
      return source.secret;
    case "ask": {
      const answer = await askUser(source.ask);
      if (answer instanceof Secret && typeof answer.reveal() === "string") return answer;
      if (typeof answer === "string") return new Secret(answer);
      throw new AuthenticationError("password_unavailable", "The password function gave no string.");
    }
  }
}

async function askUser(ask: () => unknown): Promise<unknown> {
  try {
    return await ask();
  } catch (cause) {
    throw new AuthenticationError("password_unavailable", "The password function failed.", { cause });
  }
}

/** Says what an error of the SCRAM mathematics means for who logs in. */
function translated<Value>(step: () => Value): Value {
  try {
    return step();
  } catch (cause) {
    rethrowTranslated(cause);
  }
}

function rethrowTranslated(cause: unknown): never {
  if (!(cause instanceof ProtocolError)) throw cause;
  throw new AuthenticationError(meaning(cause.code), cause.message, { cause });
}

function meaning(code: ProtocolError["code"]): AuthenticationErrorCode {
  switch (code) {
    case "server_unverified":
      return "server_unverified";
    case "authentication_unsupported":
      return "method_unsupported";
    default:
      return "exchange_failed";
  }
}
