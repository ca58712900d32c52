/** What ends a process in a random run. `crash` carries its number, so that reasons can be told apart. */
export type Cause = "normal" | "killed" | `crash ${number}`;

/** A process of the model: who it hangs from, whom it is tied to, and what became of it. */
export interface ModelProcess {
  readonly parent: number | undefined;
  readonly traps: boolean;
  readonly links: Set<number>;
  /** Who watches it, once for each monitor. */
  readonly watchers: number[];
  readonly exits: string[];
  readonly downs: string[];
  end: Cause | "shutdown" | undefined;
}

/** The rules of death, S1 to S18 and S162, over plain data: a process ends with all below it, then links, then monitors. */
export class DeathModel {
  readonly processes: ModelProcess[] = [];
  readonly #signals: Array<() => void> = [];

  start(parent: number | undefined, traps: boolean): void {
    const self = this.processes.length;
    this.processes.push({ parent, traps, links: new Set(), watchers: [], exits: [], downs: [], end: undefined });
    if (parent !== undefined) this.link(self, parent);
  }

  link(a: number, b: number): void {
    if (a === b || !this.alive(a) || !this.alive(b)) return;
    this.at(a).links.add(b);
    this.at(b).links.add(a);
  }

  unlink(a: number, b: number): void {
    this.at(a).links.delete(b);
    this.at(b).links.delete(a);
  }

  monitor(watcher: number, watched: number): void {
    if (this.alive(watched)) this.at(watched).watchers.push(watcher);
    else if (this.alive(watcher)) this.at(watcher).downs.push(`${watched} noproc`);
  }

  end(self: number, cause: Cause): void {
    this.#die(self, cause);
    for (let signal = this.#signals.shift(); signal !== undefined; signal = this.#signals.shift()) signal();
  }

  alive(self: number): boolean {
    return this.at(self).end === undefined;
  }

  at(self: number): ModelProcess {
    const process = this.processes[self];
    if (process === undefined) throw new Error(`No process ${self}`);
    return process;
  }

  #die(self: number, cause: Cause | "shutdown"): void {
    const process = this.at(self);
    if (process.end !== undefined) return;
    process.end = cause;
    for (const peer of process.links) this.#signals.push(() => this.#signal(peer, self, cause));
    for (const watcher of process.watchers) {
      this.#signals.push(() => {
        if (this.alive(watcher)) this.at(watcher).downs.push(`${self} ${cause}`);
      });
    }
    const below = cause === "normal" ? "shutdown" : cause;
    for (let child = this.processes.length - 1; child > self; child -= 1) {
      if (this.at(child).parent === self) this.#die(child, below);
    }
  }

  #signal(self: number, from: number, cause: Cause | "shutdown"): void {
    const process = this.at(self);
    if (process.end !== undefined || !process.links.delete(from)) return;
    if (process.traps) process.exits.push(`${from} ${cause}`);
    else if (cause !== "normal") this.#die(self, cause);
  }
}
