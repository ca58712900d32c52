import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { TestingError } from "../errors.ts";
import { keeperProgram } from "./keeper-program.ts";

type SpawnUser = { readonly uid?: number; readonly gid?: number };

/** What the keeper is told to do. */
type KeeperOrder =
  | { readonly type: "copy"; readonly from: string; readonly to: string; readonly user: SpawnUser }
  | {
      readonly type: "start";
      readonly program: string;
      readonly args: readonly string[];
      readonly user: SpawnUser;
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly type: "signal"; readonly signal: NodeJS.Signals };

/** What the keeper tells us. `gone` is our own word for its death. */
export type KeeperEvent =
  | { readonly type: "copied" }
  | { readonly type: "copyFailed"; readonly complaint: string }
  | { readonly type: "log"; readonly text: string }
  | { readonly type: "exited" }
  | { readonly type: "gone" };

const keptLogChars = 8_000_000;

/** Our end of a keeper process. While nothing is awaited it doesn't hold our own process back from ending. */
export class Keeper {
  #child: ChildProcess;
  #listeners = new Set<(event: KeeperEvent) => void>();
  #gone: Promise<unknown>;
  #log = "";
  #awaited = 0;

  constructor() {
    this.#child = spawn(process.execPath, ["-e", keeperProgram], {
      detached: true, // a session of its own: Ctrl-C must not reach the postmaster before us
      cwd: "/",
      env: {},
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#gone = once(this.#child, "exit")
      .catch(() => {}) // it could not even be started
      .then(() => this.#hear({ type: "gone" }));
    this.#child.on("message", (message) => this.#hear(message as KeeperEvent));
    this.#rest();
  }

  /** Process id, for naming what the keeper owns. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Text logged by the postmaster so far; the oldest part is dropped beyond 8 million characters. */
  get log(): string {
    return this.#log;
  }

  /** Calls back for every event, for as long as the keeper lives. */
  listen(listener: (event: KeeperEvent) => void): void {
    this.#listeners.add(listener);
  }

  /** Gives an order that has no answer. */
  tell(order: KeeperOrder): void {
    this.#child.send(order, () => {}); // a lost channel shows as `gone`
  }

  /**
   * Gives an order and waits until `judge` answers something for an event.
   * @throws what `judge` throws; TestingError `server_failed` when the keeper dies.
   */
  async ask<T>(
    order: KeeperOrder,
    judge: (event: Exclude<KeeperEvent, { type: "gone" }>) => T | undefined,
  ): Promise<T> {
    this.#awaited += 1;
    this.#child.ref();
    this.#child.channel?.ref();
    try {
      return await new Promise<T>((resolve, reject) => {
        const listener = (event: KeeperEvent) => {
          try {
            if (event.type === "gone")
              throw new TestingError("server_failed", `The keeper process died.\n${this.#log}`);
            const answer = judge(event);
            if (answer === undefined) return;
            resolve(answer);
          } catch (error) {
            reject(error);
          }
          this.#listeners.delete(listener);
        };
        this.#listeners.add(listener);
        this.tell(order);
      });
    } finally {
      this.#awaited -= 1;
      if (this.#awaited === 0) this.#rest();
    }
  }

  /** Ends the postmaster at once, removes the directory, and waits until both are gone. */
  async release(): Promise<void> {
    this.#child.ref();
    if (this.#child.connected) this.#child.disconnect();
    await this.#gone;
  }

  #hear(event: KeeperEvent): void {
    if (event.type === "log") this.#log = (this.#log + event.text).slice(-keptLogChars);
    for (const listener of [...this.#listeners]) listener(event);
  }

  #rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }
}
