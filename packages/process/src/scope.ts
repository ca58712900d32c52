import type { EventEmitter } from "node:events";
import type { AnyActorRef } from "xstate";
import { processOf } from "./adopt.ts";
import type { TimerHandle } from "./clock.ts";
import { emitReport } from "./emit-report.ts";
import type { ExitReason } from "./exit-reason.ts";
import { reasonOfThrown } from "./exit-signal.ts";
import { finish } from "./finish.ts";
import { exitReasonOf, isAlive, type ProcessRecord, type Releasable } from "./record.ts";

/** Something with an end of its own: a socket, a file handle, a server. */
export type Closable = { destroy(): unknown } | { close(): unknown } | Disposable;

/** The part of `EventEmitter` and `EventTarget` that listening needs. */
export type Listenable =
  | Pick<EventEmitter, "on" | "off">
  | Pick<EventTarget, "addEventListener" | "removeEventListener">;

/**
 * What one incarnation has acquired. All of it is let go, last first, when the process ends in whatever way. What its
 * timers and listeners throw ends the process with that error, where a bare timer would end Node.
 */
export interface Scope {
  /** Aborted with the exit reason when the process ends, and already when it is asked to stop. */
  readonly signal: AbortSignal;
  /** Runs `release` when the process ends; at once if it has ended. Returns a function that takes it back. */
  defer(release: () => void): () => void;
  /** Destroys, closes or disposes of `resource` when the process ends. Returns the resource. */
  own<C extends Closable>(resource: C): C;
  /** A timer on the tree's clock, in milliseconds; cleared when the process ends. Returns a function that clears it. */
  setTimeout(fn: () => void, ms: number): () => void;
  /** Listens until the process ends. Returns a function that stops listening. */
  listen<Args extends unknown[]>(source: Listenable, event: string, listener: (...args: Args) => void): () => void;
  /** The function, bound to this incarnation: it does nothing once the process has ended, and a throw ends the process. */
  bind<Args extends unknown[]>(fn: (...args: Args) => void): (...args: Args) => void;
}

class ProcessScope implements Scope, Releasable {
  readonly #record: ProcessRecord;
  readonly #controller = new AbortController();
  readonly #releases = new Set<() => void>();

  constructor(record: ProcessRecord) {
    this.#record = record;
    const reason = exitReasonOf(record) ?? (record.life.type === "stopping" ? record.life.reason : undefined);
    if (reason !== undefined) this.#controller.abort(reason);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  defer(release: () => void): () => void {
    if (!isAlive(this.#record)) {
      this.#run(release);
      return () => {};
    }
    const entry = (): void => release();
    this.#releases.add(entry);
    return () => {
      this.#releases.delete(entry);
    };
  }

  own<C extends Closable>(resource: C): C {
    this.defer(() => {
      if ("destroy" in resource) resource.destroy();
      else if ("close" in resource) resource.close();
      else resource[Symbol.dispose]();
    });
    return resource;
  }

  setTimeout(fn: () => void, ms: number): () => void {
    if (!isAlive(this.#record)) return () => {};
    const { clock } = this.#record.runtime;
    const bound = this.bind(fn);
    let cancelRelease = (): void => {};
    const handle: TimerHandle = clock.setTimeout(() => {
      cancelRelease();
      bound();
    }, ms);
    cancelRelease = this.defer(() => clock.clearTimeout(handle));
    return () => {
      cancelRelease();
      clock.clearTimeout(handle);
    };
  }

  listen<Args extends unknown[]>(source: Listenable, event: string, listener: (...args: Args) => void): () => void {
    if (!isAlive(this.#record)) return () => {};
    const bound = this.bind(listener) as (...args: unknown[]) => void;
    const stop = attach(source, event, bound);
    const cancelRelease = this.defer(stop);
    return () => {
      cancelRelease();
      stop();
    };
  }

  bind<Args extends unknown[]>(fn: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      if (!isAlive(this.#record)) return;
      try {
        fn(...args);
      } catch (error) {
        finish(this.#record, reasonOfThrown(error), "code");
      }
    };
  }

  stopRequested(reason: ExitReason): void {
    this.#controller.abort(reason);
  }

  release(reason: ExitReason): void {
    this.#controller.abort(reason);
    const releases = [...this.#releases].reverse();
    this.#releases.clear();
    for (const release of releases) this.#run(release);
  }

  #run(release: () => void): void {
    try {
      release();
    } catch (error) {
      const { ref, runtime } = this.#record;
      emitReport(runtime, { report: "guard", process: ref, where: "a release of its scope", error });
    }
  }
}

function attach(source: Listenable, event: string, listener: (...args: unknown[]) => void): () => void {
  if ("addEventListener" in source) {
    source.addEventListener(event, listener);
    return () => source.removeEventListener(event, listener);
  }
  source.on(event, listener);
  return () => void source.off(event, listener);
}

/** The scope of an incarnation; made when first asked for. Of a process that has ended: aborted, and holding nothing. */
export function scopeOf(self: AnyActorRef): Scope {
  const record = processOf(self);
  if (record.scope instanceof ProcessScope) return record.scope;
  const made = new ProcessScope(record);
  record.scope = made;
  return made;
}
