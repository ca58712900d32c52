import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import type { Placeholders } from "./placeholders.ts";

/** How commands are run. */
export interface TerminalOptions {
  readonly cwd: () => string;
  readonly env: NodeJS.ProcessEnv;
  readonly placeholders: Placeholders;
}

/** A terminal of the reader's: one command at a time, and what it prints. */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #lines: string[] = [];
  readonly #news = new EventEmitter();
  #running: { readonly child: ChildProcess; readonly ended: Promise<string | number> } | undefined;
  #seen = 0;
  #over = true;

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  /** Types a command, once the one before has ended. */
  async type(line: string): Promise<void> {
    await this.ended();
    this.#seen = this.#lines.length; // what the one before printed is behind us
    const { cwd, env, placeholders } = this.#options;
    const stdio = ["pipe", "pipe", "pipe"] as const;
    const child = spawn("/bin/sh", ["-c", placeholders.fill(line)], {
      cwd: cwd(),
      env,
      stdio: [...stdio],
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (text) => {
        this.#lines.push(text);
        this.#news.emit("news");
      });
    }
    this.#over = false;
    const ended = once(child, "close").then(([code, signal]) => (signal ?? code) as string | number);
    this.#running = { child, ended };
    void ended.then(() => {
      this.#over = true;
      this.#news.emit("news");
    });
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.#signal("SIGINT");
  }

  /** Waits until these are the next lines; a line `…` stands for any number of lines. */
  async shows(lines: readonly string[]): Promise<void> {
    let anything = false;
    for (const expected of lines) {
      if (expected === "…") anything = true;
      else {
        await this.#next(expected, anything);
        anything = false;
      }
    }
  }

  /**
   * Waits for the end of what runs.
   * @throws Error when it failed; being killed or interrupted is no failure
   */
  async ended(): Promise<void> {
    const code = await this.#running?.ended;
    this.#running = undefined;
    const failed = typeof code === "number" && code !== 0 && code < 128; // from 128 on a shell tells of a signal
    if (failed) throw new Error(`It ended with ${code}:\n${this.#lines.join("\n")}`);
  }

  /** Ends what runs, whatever it is. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  /** As a terminal does it: to the command and all that it has started. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#running?.child.pid;
    if (pid !== undefined && !this.#over) process.kill(-pid, signal);
  }

  async #next(expected: string, skip: boolean): Promise<void> {
    for (;;) {
      const line = this.#lines[this.#seen];
      if (line === undefined) {
        if (this.#over) throw this.#unlike(expected);
        await once(this.#news, "news");
        continue;
      }
      this.#seen += 1;
      if (this.#options.placeholders.matches(expected, line)) return;
      if (!skip) throw this.#unlike(expected);
    }
  }

  #unlike(expected: string): Error {
    return new Error(`Expected the line\n  ${expected}\nand saw\n  ${this.#lines.join("\n  ")}`);
  }
}
