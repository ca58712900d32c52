import type { Clock } from "@trunkline/process";
import type { ConnectionOptions } from "@trunkline/replication";
import { connectForSql } from "../session/sql-session.ts";

/** What a watch works with. */
export interface ShutdownWatchParts {
  readonly clock: Clock;
  /** How long after the stream was held back the server is asked, and how long between two questions. Milliseconds. */
  readonly everyMs: number;
  /** Whether the stream is held back just now. */
  readonly held: () => boolean;
  /** Whether the server shuts down, found out by other means than the stream. Never rejects. */
  readonly ask: () => Promise<boolean>;
  readonly stopping: () => void;
}

/**
 * Notices that the server shuts down while the stream is held back. A server that shuts down says so on the stream, behind
 * all that it has still to send (W53); who doesn't read on would not hear it, and would be waited for.
 */
export class ShutdownWatch {
  readonly #parts: ShutdownWatchParts;
  #cancel: (() => void) | undefined;
  #heldBack = false;

  constructor(parts: ShutdownWatchParts) {
    this.#parts = parts;
  }

  /** The stream has just been held back. */
  heldBack(): void {
    this.#heldBack = true;
    if (this.#cancel === undefined) this.#watch();
  }

  /** The stream is over. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Looks again and again, until the stream was not held back between two looks. */
  #watch(): void {
    const { clock, everyMs, held, ask, stopping } = this.#parts;
    let cancelled = false;
    let timer: unknown;
    const look = async (): Promise<void> => {
      const wasHeld = this.#heldBack || held();
      this.#heldBack = false;
      const stops = wasHeld && (await ask());
      if (cancelled) return;
      if (wasHeld && !stops) {
        timer = clock.setTimeout(look, everyMs);
        return;
      }
      this.#cancel = undefined;
      if (stops) stopping();
    };
    timer = clock.setTimeout(look, everyMs);
    this.#cancel = () => {
      cancelled = true;
      clock.clearTimeout(timer);
    };
  }
}

/** Whether the server that we have a session with lets nobody else in (57P03): it shuts down. */
export async function refusesConnections(connection: ConnectionOptions): Promise<boolean> {
  try {
    const session = await connectForSql(connection);
    await session.close();
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "57P03";
  }
}
