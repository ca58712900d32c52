import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import {
  type BackendMessage,
  type ChannelBindingPolicy,
  chooseScram,
  encodePassword,
  encodeQuery,
  encodeSaslInitialResponse,
  encodeSaslResponse,
  encodeSslRequest,
  encodeStartupMessage,
  encodeTerminate,
  FRAME_HEADER_BYTES,
  frameSize,
  md5Password,
  PostgresError,
  type ProtocolVersion,
  parseBackendMessage,
  startScram,
  tlsServerEndPoint,
} from "@trunkline/protocol";

/** Where and as whom to log in. */
export interface WireSessionOptions {
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly protocol?: ProtocolVersion;
  /** The authority to trust; with it the session is encrypted. */
  readonly ca?: string;
  readonly channelBinding?: ChannelBindingPolicy;
}

/** A session spoken with nothing but @trunkline/protocol and a socket. */
export interface WireSession extends Disposable {
  /** What came before the first ReadyForQuery. */
  readonly greeting: readonly BackendMessage[];
  send(message: Uint8Array): void;
  /** Sends a query; answers with everything up to ReadyForQuery, or up to the start of a CopyBoth. */
  query(sql: string): Promise<readonly BackendMessage[]>;
  /** The next message. */
  next(): Promise<BackendMessage>;
}

/** Logs in. @throws PostgresError what the server says against it. */
export async function wireSession(options: WireSessionOptions): Promise<WireSession> {
  const plain = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
  await once(plain, "connect");
  const { socket, endPoint } = await encrypt(plain, options.ca);
  const messages = frames(socket);
  const next = async (): Promise<BackendMessage> => {
    const { value, done } = await messages.next();
    if (done === true) throw new Error("the server closed the connection");
    return value;
  };
  const until = async (types: readonly BackendMessage["type"][]): Promise<readonly BackendMessage[]> => {
    const seen: BackendMessage[] = [];
    for (;;) {
      const message = await next();
      seen.push(message);
      if (types.includes(message.type)) return seen;
    }
  };
  const { user, parameters = {}, protocol } = options;
  socket.write(encodeStartupMessage({ user, ...parameters }, protocol));
  await authenticate(next, (message) => socket.write(message), options, endPoint);
  return {
    greeting: await until(["readyForQuery"]),
    send: (message) => void socket.write(message),
    next,
    query: (sql) => {
      socket.write(encodeQuery(sql));
      return until(["readyForQuery", "copyBothResponse"]);
    },
    [Symbol.dispose]: () => {
      socket.write(encodeTerminate());
      socket.destroy();
    },
  };
}

async function encrypt(plain: Socket, ca: string | undefined): Promise<{ socket: Socket; endPoint?: Uint8Array }> {
  if (ca === undefined) return { socket: plain };
  plain.write(encodeSslRequest());
  const [answer] = (await once(plain, "data")) as [Buffer];
  if (answer.toString() !== "S") throw new Error(`SSLRequest was answered with ${answer}`);
  const socket = connectTls({ socket: plain, ca, servername: "localhost" });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerX509Certificate()?.raw;
  const endPoint = certificate && tlsServerEndPoint(certificate);
  return { socket, ...(endPoint && { endPoint }) };
}

async function* frames(socket: Socket): AsyncGenerator<BackendMessage, void> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk]);
    for (let size = frameSize(pending, 0); size !== undefined && size <= pending.length; size = frameSize(pending, 0)) {
      yield parseBackendMessage(pending[0] ?? 0, pending.subarray(FRAME_HEADER_BYTES, size));
      pending = pending.subarray(size);
    }
  }
}

async function authenticate(
  next: () => Promise<BackendMessage>,
  send: (message: Buffer) => void,
  { user, password = "", ca, channelBinding }: WireSessionOptions,
  endPoint: Uint8Array | undefined,
): Promise<void> {
  for (;;) {
    const message = await next();
    switch (message.type) {
      case "authenticationOk":
        return;
      case "authenticationCleartextPassword":
        send(encodePassword(password));
        break;
      case "authenticationMd5Password":
        send(encodePassword(md5Password({ user, password, salt: message.salt })));
        break;
      case "authenticationSasl": {
        const { mechanisms } = message;
        const binding = chooseScram({
          mechanisms,
          tls: ca !== undefined,
          endPoint,
          ...(channelBinding && { policy: channelBinding }),
        });
        const first = startScram({ nonce: randomBytes(18).toString("base64"), channelBinding: binding });
        send(encodeSaslInitialResponse(first.mechanism, first.message));
        const challenge = await next();
        if (challenge.type === "errorResponse") throw new PostgresError(challenge.report);
        if (challenge.type !== "authenticationSaslContinue") throw new Error(`unexpected ${challenge.type}`);
        const final = await first.respond(challenge.data, password);
        send(encodeSaslResponse(final.message));
        const outcome = await next();
        if (outcome.type === "errorResponse") throw new PostgresError(outcome.report);
        if (outcome.type !== "authenticationSaslFinal") throw new Error(`unexpected ${outcome.type}`);
        final.verify(outcome.data);
        break;
      }
      case "errorResponse":
        throw new PostgresError(message.report);
      case "negotiateProtocolVersion":
      case "noticeResponse":
        break;
      default:
        throw new Error(`unexpected ${message.type}`);
    }
  }
}
