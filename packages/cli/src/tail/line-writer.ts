/** Lines gather up to this size before they are written, so that a large transaction is not written line by line. */
const chunkCharacters = 64 * 1024;

/** Gathers lines and hands them on in chunks. What was added is written for certain when `flush` has settled. */
export class LineWriter {
  readonly #write: (text: string) => Promise<void>;
  #lines: string[] = [];
  #characters = 0;

  constructor(write: (text: string) => Promise<void>) {
    this.#write = write;
  }

  /** Adds a line; a promise when it must be waited for before the next is added. */
  add(line: string): Promise<void> | undefined {
    this.#lines.push(line);
    this.#characters += line.length + 1;
    return this.#characters >= chunkCharacters ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const text = `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    this.#characters = 0;
    await this.#write(text);
  }
}
