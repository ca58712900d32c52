import type { Readable } from "node:stream";
import { TestingError } from "../errors.ts";

const keptLogChars = 8_000_000;

/** What a container says, as it comes. Listening to it doesn't hold our own process back from ending; a wait does. */
export class ContainerLog {
  #text = "";
  #length = 0;
  #ended = false;
  #listeners = new Set<() => void>();

  constructor(stream: Readable) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      this.#text = (this.#text + text).slice(-keptLogChars);
      this.#length += text.length;
      this.#tell();
    });
    const end = () => {
      this.#ended = true;
      this.#tell();
    };
    stream.on("end", end).on("error", end);
  }

  /** All of it; the oldest part is dropped beyond 8 million characters. */
  get text(): string {
    return this.#text;
  }

  /** How many characters have been heard so far: the place where what comes next begins. */
  get length(): number {
    return this.#length;
  }

  /** Whether the container has nothing more to say: it has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What was heard from that place on. */
  since(place: number): string {
    return place >= this.#length ? "" : this.#text.slice(place - this.#length);
  }

  /** Calls back after everything that is heard, and at the end. */
  listen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Waits until `judge` answers something for what was heard from a place on.
   * @throws what `judge` throws; TestingError `server_failed` when the container ends first.
   */
  async wait<T>(place: number, judge: (heard: string) => T | undefined): Promise<T> {
    const held = setInterval(() => {}, 0x7fffffff); // the stream itself holds no process back
    try {
      return await new Promise<T>((resolve, reject) => {
        const look = () => {
          try {
            const answer = judge(this.since(place));
            if (answer === undefined && !this.#ended) return;
            if (answer === undefined) throw new TestingError("server_failed", `The container ended.\n${this.#text}\n`);
            resolve(answer);
          } catch (error) {
            reject(error);
          }
          this.#listeners.delete(look);
        };
        this.#listeners.add(look);
        look();
      });
    } finally {
      clearInterval(held);
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
