import type { Guard } from "../guard.ts";
import type { Observatory } from "../observatory.ts";
import type { Time } from "../time.ts";
import type { Hello } from "../wire.ts";
import type { Page } from "./page.ts";

/** The shortest time between two updates: at most 10 a second. */
const shortestMs = 100;
/** How often everything is looked at, also what no event tells of. */
const lookMs = 1000;

/** A page and the connection that it is open on. */
export interface OpenPage {
  readonly page: Page;
  /** Ends the connection of a page that reads nothing any more. */
  cutOff(): void;
}

/** All open pages, and when they are shown something. While there are none, nothing is done. */
export class Pages {
  readonly #observatory: () => Observatory;
  readonly #time: Time;
  readonly #guard: Guard;
  readonly #open = new Set<OpenPage>();
  #soon: unknown;
  #look: unknown;

  /** @param guard what fails while a page is shown something ends there: it runs in timers, where nobody else would catch it */
  constructor(observatory: () => Observatory, time: Time, guard: Guard) {
    this.#observatory = observatory;
    this.#time = time;
    this.#guard = guard;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Greets a page and keeps it up to date. Returns what to call when its connection has ended. */
  add(opened: OpenPage, hello: Hello): () => void {
    this.#open.add(opened);
    this.#guard("the tree", () => opened.page.greet(hello, this.#observatory().rows(true), this.#time.unixMs()));
    if (this.#open.size === 1) this.#lookLater();
    return () => {
      this.#open.delete(opened);
      if (this.#open.size > 0) return;
      this.close();
      this.#observatory().rest();
    };
  }

  /** Something has changed: the pages are told soon, with all that changes until then. */
  changed(): void {
    if (this.#open.size === 0 || this.#soon !== undefined) return;
    this.#soon = this.#time.clock.setTimeout(() => {
      this.#soon = undefined;
      this.#update(false);
    }, shortestMs);
  }

  /** Stops its timers. */
  close(): void {
    this.#time.clock.clearTimeout(this.#soon);
    this.#time.clock.clearTimeout(this.#look);
    this.#soon = undefined;
    this.#look = undefined;
  }

  #lookLater(): void {
    this.#look = this.#time.clock.setTimeout(() => {
      this.#lookLater();
      this.#update(true);
    }, lookMs);
  }

  #update(all: boolean): void {
    const at = this.#time.unixMs();
    const rows = this.#guard("the tree", () => this.#observatory().rows(all));
    if (rows === undefined) return;
    for (const opened of [...this.#open]) {
      if (opened.page.isStalled(at)) opened.cutOff();
      else this.#guard("what is new", () => opened.page.update(rows, at, all));
    }
  }
}
