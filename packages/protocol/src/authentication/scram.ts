import { createHash, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { ProtocolError } from "../protocol-error.ts";
import { preparePassword } from "./prepare-password.ts";
import { readServerFinal, readServerFirst, type ScramServerFirst } from "./scram-server-messages.ts";

/**
 * How the exchange is tied to the TLS connection beneath it. `unsupported` (gs2 flag `n`): the client has no way to.
 * `notOffered` (`y`): the client could, the server offered no -PLUS; a server that did offer it then knows that somebody
 * took it out. `tlsServerEndPoint` (`p`): `data` is the certificate's hash, see `tlsServerEndPoint`.
 */
export type ScramChannelBinding =
  | { readonly type: "unsupported" }
  | { readonly type: "notOffered" }
  | { readonly type: "tlsServerEndPoint"; readonly data: Uint8Array };

/** What a SCRAM exchange begins with. */
export interface ScramOptions {
  /** Printable ASCII without a comma, fresh and random for each exchange: 18 random bytes in base64 are customary. */
  readonly nonce: string;
  /** Default `{ type: "unsupported" }`. */
  readonly channelBinding?: ScramChannelBinding;
  /** Default empty, as in libpq: Postgres takes the name from the StartupMessage. Sent as it is, without SASLprep. */
  readonly user?: string;
  /**
   * Fewer iterations are refused. Default 1, as in libpq: the count was chosen when the password was stored
   * (`scram_iterations`, 4096 by default), and nobody but the server can change it. RFC 7677 advises 4096: whoever
   * overhears an exchange with fewer guesses the password sooner.
   */
  readonly minIterations?: number;
  /** More iterations are refused. Default 1 000 000, about half a second of one of Node's worker threads. */
  readonly maxIterations?: number;
}

/** The client's opening, to be sent as SASLInitialResponse. */
export interface ScramClientFirst {
  readonly mechanism: "SCRAM-SHA-256" | "SCRAM-SHA-256-PLUS";
  readonly message: string;
  /**
   * Answers the server's first message (AuthenticationSASLContinue). The hashing is done by a worker thread of Node's.
   * @throws ProtocolError `server_unverified` when its nonce does not go on from ours; `authentication_malformed`;
   * `iterations_refused` when its iteration count is out of bounds.
   */
  respond(serverFirst: string, password: string): Promise<ScramClientFinal>;
}

/** The client's proof, to be sent as SASLResponse. */
export interface ScramClientFinal {
  readonly message: string;
  /**
   * Checks the server's last message (AuthenticationSASLFinal): it must prove that it knows the password too. Accept
   * AuthenticationOk only after this has returned.
   * @throws ProtocolError `server_unverified`, `authentication_refused`, `authentication_malformed`.
   */
  verify(serverFinal: string): void;
}

/**
 * Begins SCRAM-SHA-256, or SCRAM-SHA-256-PLUS when there is a channel to bind to. The steps follow one another:
 * `(await startScram(options).respond(serverFirst, password)).verify(serverFinal)`. Secrets stay in the closures: nothing that is
 * returned shows one when it is printed.
 * @throws ProtocolError `option_invalid` for a nonce that RFC 5802 does not allow.
 * @see https://www.rfc-editor.org/rfc/rfc5802
 * @see https://www.postgresql.org/docs/current/sasl-authentication.html
 */
export function startScram(options: ScramOptions): ScramClientFirst {
  const { nonce, channelBinding = { type: "unsupported" }, user = "" } = options;
  if (!/^[\x21-\x2b\x2d-\x7e]+$/.test(nonce)) {
    throw new ProtocolError("option_invalid", "A SCRAM nonce is printable ASCII without a comma.");
  }
  const header = gs2Header(channelBinding);
  const clientFirstBare = `n=${saslName(user)},r=${nonce}`;
  const respond = async (serverFirst: string, password: string): Promise<ScramClientFinal> => {
    const server = readServerFirst(serverFirst);
    checkServerFirst(server, options);
    const bound = channelBinding.type === "tlsServerEndPoint" ? channelBinding.data : new Uint8Array(0);
    const clientFinalBare = `c=${Buffer.concat([Buffer.from(header), bound]).toString("base64")},r=${server.nonce}`;
    const salted = await saltedPassword(await preparePassword(password), server);
    const authMessage = `${clientFirstBare},${serverFirst},${clientFinalBare}`;
    const clientKey = hmac(salted, "Client Key");
    const storedKey = createHash("sha256").update(clientKey).digest();
    const proof = xor(clientKey, hmac(storedKey, authMessage));
    const expected = hmac(hmac(salted, "Server Key"), authMessage);
    return {
      message: `${clientFinalBare},p=${proof.toString("base64")}`,
      verify: (serverFinal) => verifyServerFinal(serverFinal, expected),
    };
  };
  return {
    mechanism: channelBinding.type === "tlsServerEndPoint" ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256",
    message: header + clientFirstBare,
    respond,
  };
}

function checkServerFirst({ nonce, iterations }: ScramServerFirst, options: ScramOptions): void {
  const { minIterations = 1, maxIterations = 1_000_000 } = options;
  if (!nonce.startsWith(options.nonce) || nonce.length === options.nonce.length) {
    throw new ProtocolError("server_unverified", "The server's nonce does not go on from the client's.");
  }
  if (iterations < minIterations || iterations > maxIterations) {
    throw new ProtocolError(
      "iterations_refused",
      `The server asks for ${iterations} SCRAM iterations; ${minIterations} to ${maxIterations} are allowed.`,
    );
  }
}

function verifyServerFinal(serverFinal: string, expected: Buffer): void {
  const final = readServerFinal(serverFinal);
  if (final.type === "error") {
    throw new ProtocolError("authentication_refused", `The server ends SCRAM with "${final.error}".`);
  }
  if (final.signature.length !== expected.length || !timingSafeEqual(final.signature, expected)) {
    throw new ProtocolError(
      "server_unverified",
      "The server's SCRAM signature is wrong: it does not know the password.",
    );
  }
}

function gs2Header(channelBinding: ScramChannelBinding): string {
  switch (channelBinding.type) {
    case "unsupported":
      return "n,,";
    case "notOffered":
      return "y,,";
    case "tlsServerEndPoint":
      return "p=tls-server-end-point,,";
  }
}

const saltedPassword = (password: string, { salt, iterations }: ScramServerFirst): Promise<Buffer> =>
  promisify(pbkdf2)(password, salt, iterations, 32, "sha256");

const saslName = (user: string): string => user.replaceAll("=", "=3D").replaceAll(",", "=2C");

const hmac = (key: Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const xor = (a: Uint8Array, b: Uint8Array): Buffer => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
