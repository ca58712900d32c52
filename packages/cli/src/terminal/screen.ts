import { redactText } from "../connection/redact.ts";
import { type Colours, coloursFor } from "./colours.ts";

/** Where text goes: what a command uses of `process.stdout` and `process.stderr`. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Takes a text; `done` hears when it is on its way. */
  write(text: string, done?: (error?: Error | null) => void): boolean;
  /** Tells when it fails, such as with EPIPE when its reader has gone. */
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** What a command is run with. A Node process is one. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const clearLine = "\r\u001b[K";

/**
 * What a command shows: its output on stdout; notes, and a status line that is written over, on stderr. Passwords are
 * taken out of everything but the output. When nobody reads the output any more (`| head`), `signal` is aborted.
 */
export class Screen {
  readonly io: Io;
  /** For stdout. */
  readonly colours: Colours;
  /** For stderr. */
  readonly noteColours: Colours;
  readonly #unread = new AbortController();
  #secrets: readonly string[] = [];
  #status = "";

  constructor(io: Io) {
    this.io = io;
    this.colours = coloursFor(io.stdout, io.env);
    this.noteColours = coloursFor(io.stderr, io.env);
    io.stdout.on("error", (error) => this.#failed(error));
    io.stderr.on("error", () => {}); // nobody is left to be told
  }

  /** Aborted when nobody reads the output any more. */
  get signal(): AbortSignal {
    return this.#unread.signal;
  }

  /** Whether a person looks at the notes. */
  get interactive(): boolean {
    return this.io.stderr.isTTY === true;
  }

  /** Must never be shown. */
  hide(secrets: readonly string[]): void {
    this.#secrets = secrets;
  }

  /** Writes to stdout; settles when it is handed on. Text that nobody reads any more is given up without an error. */
  print(text: string): Promise<void> {
    if (this.#unread.signal.aborted) return Promise.resolve();
    const shown = this.#status;
    this.status("");
    return new Promise((resolve, reject) => {
      this.io.stdout.write(text, (error) => {
        if (error === null || error === undefined) resolve();
        else if (this.#failed(error)) resolve();
        else reject(error);
      });
      this.status(shown);
    });
  }

  /** One line on stderr. */
  note(text: string): void {
    const shown = this.#status;
    this.status("");
    this.io.stderr.write(`${redactText(text, this.#secrets)}\n`);
    this.status(shown);
  }

  /** Shows what is going on, where a person looks; an empty text takes it away. */
  status(text: string): void {
    if (!this.interactive || text === this.#status) return;
    const width = (this.io.stderr.columns ?? 80) - 1;
    const line = redactText(text, this.#secrets).slice(0, width);
    this.io.stderr.write(line === "" ? clearLine : `${clearLine}${this.noteColours.dim(line)}`);
    this.#status = text;
  }

  /** Whether the error says no more than that nobody reads. */
  #failed(error: Error): boolean {
    const unread = "code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED");
    if (unread) this.#unread.abort();
    return unread;
  }
}
