import { decodeStandbyStatusUpdate, type StandbyStatusUpdate } from "@trunkline/protocol";
import { authenticationOk } from "../backend/authentication.ts";
import { type Column, commandComplete, dataRow, rowDescription } from "../backend/query-result.ts";
import { errorResponse, type ReportFields } from "../backend/report.ts";
import { backendKeyData, parameterStatus, readyForQuery } from "../backend/session.ts";
import { TestingError } from "../errors.ts";
import type { ServerCertificates } from "../tls/certificate-authority.ts";
import { type ClientFrame, describeBytes, describeFrame } from "./client-frame.ts";
import type { ScriptedConnection } from "./connection.ts";

type Startup = Extract<ClientFrame, { type: "startup" }>;

/** What {@link Peer.authOk} tells the client. */
export interface SessionOptions {
  /** Process id for cancelling; default 4242. */
  readonly pid?: number;
  /** Cancel key; default 4 bytes. */
  readonly key?: Uint8Array;
  /** Settings reported at start; the default is what a client can't do without. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const usualParameters = { server_version: "18.4", server_encoding: "UTF8", client_encoding: "UTF8", TimeZone: "UTC" };

/**
 * The client as a script sees it. `expect…` takes the next frame in the order of arrival and fails the script unless it
 * is the one named; what is sent goes out in the order written. Every wait has the server's deadline.
 */
export class Peer {
  /** Which connection of the server this is, from 1. */
  readonly number: number;
  readonly #connection: ScriptedConnection;
  readonly #certificates: ServerCertificates | undefined;
  #ignored: (frame: ClientFrame) => boolean = () => false;
  #written: Promise<void> = Promise.resolve();

  constructor(number: number, connection: ScriptedConnection, certificates: ServerCertificates | undefined) {
    this.number = number;
    this.#connection = connection;
    this.#certificates = certificates;
  }

  /** Frames that have arrived and that no `expect…` has taken. */
  get unread(): readonly ClientFrame[] {
    return this.#connection.inbox.filter((frame) => !this.#ignored(frame));
  }

  /** Whether the connection is under TLS. */
  get encrypted(): boolean {
    return this.#connection.encrypted;
  }

  /** From now on `expect…` skips these frames: `peer.ignore(isStandbyReply)`. */
  ignore(frames: (frame: ClientFrame) => boolean): void {
    this.#ignored = frames;
  }

  /**
   * Takes the next frame if `accept` makes something of it.
   * @param what names it, for the failure's message
   * @throws TestingError `script_failed` with what was expected and received; `script_deadline`
   */
  async expect<T>(what: string, accept: (frame: ClientFrame) => T | undefined): Promise<T> {
    for (;;) {
      const before = this.#connection.history;
      const frame = await this.#connection.next(what);
      if (this.#ignored(frame)) continue;
      const accepted = accept(frame);
      if (accepted !== undefined) return accepted;
      const found = `Connection ${this.number}\n  expected: ${what}\n  received: ${describeFrame(frame)}`;
      throw new TestingError("script_failed", `${found}\nBefore that:\n${before}\n`);
    }
  }

  /** Waits for something outside the connection, such as a gate that the test opens. */
  async until<T>(promise: Promise<T>, what = "the test"): Promise<T> {
    const deadline = this.#connection.deadline(what);
    try {
      return await Promise.race([promise, deadline.passed]);
    } finally {
      deadline.clear();
    }
  }

  // --- what the client says ---

  /** An SSLRequest, as the first message of a connection. */
  expectSslRequest(): Promise<void> {
    return this.expect("SSLRequest", (frame) => (frame.type === "sslRequest" ? yes : undefined)).then(ignoreAnswer);
  }

  /**
   * The startup message. A request for TLS or GSS before it is answered: TLS with yes if the server has certificates,
   * else no. `parameters` are compared with those sent, when given; the order is in the answer.
   */
  async expectStartup(parameters?: Readonly<Record<string, string>>): Promise<Startup> {
    const what = parameters === undefined ? "Startup" : `Startup ${JSON.stringify(parameters)}`;
    const frame = await this.expect(what, (sent) => {
      switch (sent.type) {
        case "sslRequest":
        case "gssEncRequest":
          return sent;
        case "startup":
          return parameters === undefined || sameParameters(sent, parameters) ? sent : undefined;
        default:
          return undefined;
      }
    });
    if (frame.type === "startup") return frame;
    if (frame.type === "sslRequest" && this.#certificates !== undefined) await this.acceptTls();
    else await this.refuseTls();
    return this.expectStartup(parameters);
  }

  /** A CancelRequest, which comes on a connection of its own. TLS before it is answered as in `expectStartup`. */
  async expectCancelRequest(): Promise<{ readonly pid: number; readonly key: Buffer }> {
    const frame = await this.expect("CancelRequest", (sent) =>
      sent.type === "cancelRequest" || sent.type === "sslRequest" ? sent : undefined,
    );
    if (frame.type === "cancelRequest") return { pid: frame.pid, key: frame.key };
    if (this.#certificates !== undefined) await this.acceptTls();
    else await this.refuseTls();
    return this.expectCancelRequest();
  }

  /** A password in clear or hashed, without the zero byte at its end. */
  async expectPassword(): Promise<string> {
    const body = await this.#expectMessage("p", "a password message");
    return body.toString("utf8", 0, body.length - 1);
  }

  /** The client's choice of a SASL mechanism, and its first word. */
  async expectSaslInitialResponse(): Promise<{ readonly mechanism: string; readonly data: string }> {
    const body = await this.#expectMessage("p", "SASLInitialResponse");
    const end = body.indexOf(0);
    return { mechanism: body.toString("utf8", 0, end), data: body.toString("utf8", end + 5) };
  }

  /** The client's next word in a SASL exchange. */
  async expectSaslResponse(): Promise<string> {
    return (await this.#expectMessage("p", "SASLResponse")).toString("utf8");
  }

  /** A simple query; its text is compared when given. Answers the text. */
  expectQuery(expected?: string | RegExp): Promise<string> {
    const what =
      expected === undefined ? "Query" : `Query ${typeof expected === "string" ? JSON.stringify(expected) : expected}`;
    return this.expect(what, (frame) => {
      if (frame.type !== "message" || frame.tag !== "Q") return undefined;
      const sql = frame.body.toString("utf8", 0, frame.body.length - 1);
      const fits = expected === undefined || (typeof expected === "string" ? sql === expected : expected.test(sql));
      return fits ? sql : undefined;
    });
  }

  /** CopyData; its body is compared when given. Answers the body. */
  expectCopyData(expected?: string | Uint8Array): Promise<Buffer> {
    const wanted = expected === undefined ? undefined : Buffer.from(expected);
    const what = wanted === undefined ? "CopyData" : `CopyData ${describeBytes(wanted)}`;
    return this.#expectMessage("d", what, (body) => wanted === undefined || body.equals(wanted));
  }

  /** A standby status update whose given fields are equal. Answers all of it. */
  expectStatusUpdate(expected: Partial<Omit<StandbyStatusUpdate, "type">> = {}): Promise<StandbyStatusUpdate> {
    const fields = Object.entries(expected).map(([name, value]) => `${name} ${value}`);
    return this.expect(["StandbyStatusUpdate", ...fields].join(" "), (frame) => {
      if (frame.type !== "message" || frame.tag !== "d" || frame.body[0] !== 0x72) return undefined;
      const update: StandbyStatusUpdate = decodeStandbyStatusUpdate(frame.body);
      const actual: Readonly<Record<string, unknown>> = { ...update };
      return Object.entries(expected).every(([name, value]) => actual[name] === value) ? update : undefined;
    });
  }

  /** A CopyDone: the client ends its side of the stream. */
  async expectCopyDone(): Promise<void> {
    await this.#expectMessage("c", "CopyDone");
  }

  /** Answers the client's reason. */
  async expectCopyFail(): Promise<string> {
    const body = await this.#expectMessage("f", "CopyFail");
    return body.toString("utf8", 0, body.length - 1);
  }

  /** A Terminate: the client says goodbye. */
  async expectTerminate(): Promise<void> {
    await this.#expectMessage("X", "Terminate");
  }

  /** FIN. */
  expectEnd(): Promise<void> {
    return this.expect("FIN", (frame) => (frame.type === "end" ? yes : undefined)).then(ignoreAnswer);
  }

  /** The end of the connection, by FIN or RST. */
  expectClosed(): Promise<void> {
    const closed = (frame: ClientFrame) => (frame.type === "end" || frame.type === "reset" ? yes : undefined);
    return this.expect("FIN or RST", closed).then(ignoreAnswer);
  }

  // --- what the server says and does ---

  /** Sends messages in one write, so that they arrive in one segment as far as TCP allows. */
  send(...messages: readonly Uint8Array[]): void {
    this.#written = this.#connection.write(Buffer.concat(messages));
  }

  /**
   * Sends bytes in several writes, cut after each of these lengths (the rest comes last), giving a client in this
   * process two turns of its event loop to read each piece before the next.
   */
  async sendSplit(bytes: Uint8Array, lengths: readonly number[]): Promise<void> {
    let at = 0;
    for (const length of [...lengths, bytes.length]) {
      const piece = bytes.subarray(at, at + length);
      at += piece.length;
      if (piece.length === 0) continue;
      await this.#connection.write(piece);
      await turn();
      await turn();
    }
  }

  /** Resolves when the kernel has taken everything sent; never, while the client doesn't read and the window is full. */
  async flushed(): Promise<void> {
    await this.until(this.#written, "the client to read what was sent");
  }

  /** AuthenticationOk, settings, the cancel key, and ReadyForQuery: the client is in. */
  authOk({
    pid = 4242,
    key = Buffer.from("secretke".slice(0, 4)),
    parameters = usualParameters,
  }: SessionOptions = {}): void {
    const settings = Object.entries(parameters).map(([name, value]) => parameterStatus(name, value));
    this.send(authenticationOk(), ...settings, backendKeyData(pid, key), readyForQuery());
  }

  /** The usual beginning: any startup message, answered by {@link Peer.authOk}. */
  async login(options: SessionOptions = {}): Promise<Startup> {
    const startup = await this.expectStartup();
    this.authOk(options);
    return startup;
  }

  /** A whole answer to a query: columns, rows, tag (default `SELECT n`), ReadyForQuery. */
  sendResult(
    columns: readonly Column[],
    rows: readonly (readonly (string | null)[])[],
    tag = `SELECT ${rows.length}`,
  ): void {
    this.send(rowDescription(columns), ...rows.map(dataRow), commandComplete(tag), readyForQuery());
  }

  /** An answer to a query that returns no rows. */
  sendComplete(tag: string): void {
    this.send(commandComplete(tag), readyForQuery());
  }

  /** The command fails; the session lives. Default severity `ERROR`. */
  sendError(fields: Omit<ReportFields, "severity">): void {
    this.send(errorResponse({ severity: "ERROR", ...fields }), readyForQuery());
  }

  /** Answers SSLRequest with yes and does the handshake. @throws TestingError `option_invalid` without certificates */
  async acceptTls(): Promise<void> {
    if (this.#certificates === undefined) {
      throw new TestingError("option_invalid", "scriptedServer needs the option ssl to accept TLS.");
    }
    await this.#connection.startTls(this.#certificates);
  }

  /** Answers SSLRequest or GSSENCRequest with no. */
  async refuseTls(): Promise<void> {
    await this.#connection.write(Buffer.from("N"));
  }

  /** FIN: the server sends nothing more; the client may. */
  halfClose(): void {
    this.#connection.halfClose();
  }

  /** RST, at once: what the kernel hasn't sent is lost. */
  reset(): void {
    this.#connection.reset();
  }

  /** Stops reading: the client's writes fill the window, and then block. */
  pauseReading(): void {
    this.#connection.pause();
  }

  /** Reads on after `pauseReading`. */
  resumeReading(): void {
    this.#connection.resume();
  }

  #expectMessage(tag: string, what: string, fits: (body: Buffer) => boolean = () => true): Promise<Buffer> {
    return this.expect(what, (frame) =>
      frame.type === "message" && frame.tag === tag && fits(frame.body) ? frame.body : undefined,
    );
  }
}

const yes = true;
const ignoreAnswer = (): void => {};
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function sameParameters(sent: Startup, expected: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(expected);
  const given = new Map(sent.parameters);
  return wanted.length === given.size && wanted.every(([name, value]) => given.get(name) === value);
}
