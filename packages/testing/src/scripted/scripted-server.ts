import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { TestingError } from "../errors.ts";
import type { ServerCertificates } from "../tls/certificate-authority.ts";
import { ScriptedConnection } from "./connection.ts";
import { Peer } from "./peer.ts";

/** What the server does on one connection, from its first byte; it is over when the promise resolves. */
export type Script = (peer: Peer) => Promise<void>;

/** How a scripted server listens and how patient it is. */
export interface ScriptedServerOptions {
  /** For how long each single wait of a script may last, milliseconds; default 5000. */
  readonly deadlineMs?: number;
  /** The certificate with which `expectStartup` and `acceptTls` answer a request for TLS; default: TLS is refused. */
  readonly ssl?: ServerCertificates;
  /** Whether the last script plays again for each further connection; default false: one more connection is a failure. */
  readonly repeat?: boolean;
}

/** A fake Postgres server that plays scripts. `await using` closes it and reports a failure nobody has seen. */
export interface ScriptedServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `postgres://scripted@127.0.0.1:<port>/scripted` */
  readonly url: string;
  /** Connections accepted so far. */
  readonly connections: number;
  /**
   * Resolves when every script is over; with `repeat`, when each has played at least once and none is playing. Rejects with
   * the first failure: an expectation that didn't hold, a passed deadline, a connection too many, whatever a script throws.
   */
  readonly done: Promise<void>;
  /** Closes the port and every connection; a script that still plays is not a failure then. */
  close(): Promise<void>;
}

/**
 * Starts a fake server on a free port of 127.0.0.1. Connections play the scripts in the order they are accepted. After
 * its script a connection stays open, until the client or `close` ends it.
 */
export async function scriptedServer(
  scripts: Script | readonly Script[],
  options: ScriptedServerOptions = {},
): Promise<ScriptedServer> {
  const play = new Play(typeof scripts === "function" ? [scripts] : scripts, options);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => play.accept(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("A TCP server without a port.");
  const close = async () => {
    play.close();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  return {
    host: "127.0.0.1",
    port: address.port,
    url: `postgres://scripted@127.0.0.1:${address.port}/scripted`,
    get connections() {
      return play.accepted;
    },
    get done() {
      return play.done();
    },
    close,
    [Symbol.asyncDispose]: async () => {
      await close();
      play.reportUnseen();
    },
  };
}

type Outcome =
  | { readonly type: "playing" }
  | { readonly type: "over" }
  | { readonly type: "failed"; readonly error: unknown; readonly seen: boolean };

/** All the scripts of one server, and what has become of them. */
class Play {
  accepted = 0;
  readonly #scripts: readonly Script[];
  readonly #deadlineMs: number;
  readonly #options: ScriptedServerOptions;
  #sockets = new Set<Socket>();
  #finished = 0;
  #outcome: Outcome = { type: "playing" };
  #closed = false;
  #changed = new Set<() => void>();

  constructor(scripts: readonly Script[], options: ScriptedServerOptions) {
    this.#scripts = scripts;
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? 5000;
  }

  accept(socket: Socket): void {
    this.accepted += 1;
    const number = this.accepted;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    const connection = new ScriptedConnection(socket, this.#deadlineMs);
    const script = this.#scripts[number - 1] ?? (this.#options.repeat === true ? this.#scripts.at(-1) : undefined);
    if (script === undefined) {
      this.#fail(
        new TestingError("script_failed", `Connection ${number} came, but there are ${this.#scripts.length} scripts.`),
      );
      return;
    }
    if (this.#outcome.type === "over") this.#outcome = { type: "playing" };
    script(new Peer(number, connection, this.#options.ssl)).then(
      () => {
        connection.release();
        this.#finish();
      },
      (error: unknown) => this.#fail(error),
    );
    this.#notify();
  }

  async done(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      for (;;) {
        switch (this.#outcome.type) {
          case "over":
            return;
          case "failed":
            this.#outcome = { ...this.#outcome, seen: true };
            throw this.#outcome.error;
          case "playing":
        }
        clearTimeout(timer);
        // A script that plays has deadlines of its own; a connection that never comes has none.
        if (this.accepted < this.#scripts.length && this.accepted === this.#finished) {
          timer = setTimeout(() => this.#fail(this.#nobodyCame()), this.#deadlineMs);
        }
        await new Promise<void>((resolve) => this.#changed.add(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  reportUnseen(): void {
    if (this.#outcome.type === "failed" && !this.#outcome.seen) throw this.#outcome.error;
  }

  #finish(): void {
    this.#finished += 1;
    const all = this.#finished === this.accepted && this.#finished >= this.#scripts.length;
    if (all && this.#outcome.type === "playing") this.#outcome = { type: "over" };
    this.#notify();
  }

  #fail(error: unknown): void {
    if (this.#outcome.type === "failed" || this.#closed) return;
    this.#outcome = { type: "failed", error, seen: false };
    for (const socket of this.#sockets) socket.destroy(); // the client need not wait for what won't come
    this.#notify();
  }

  #nobodyCame(): TestingError {
    const missing = `connection ${this.accepted + 1} of ${this.#scripts.length}`;
    return new TestingError("script_deadline", `Waited ${this.#deadlineMs} ms for ${missing}.`);
  }

  #notify(): void {
    const waiting = [...this.#changed];
    this.#changed.clear();
    for (const wake of waiting) wake();
  }
}
