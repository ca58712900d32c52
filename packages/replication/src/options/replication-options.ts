import type { Inspect, Name, Runtime, Timeout, Via } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import type { ReconnectBackoff } from "../backoff.ts";
import type { ConnectionOptions } from "./connection-options.ts";

/** A connection's name: local (a string or a symbol), or kept by a registry. */
export type ConnectionName = Name | symbol | { readonly via: Via };

/** What is known of the attempt that is about to be made. */
export interface Attempt {
  /** 1 for the first. */
  readonly attempt: number;
}

/**
 * Everything a replication connection takes beside its callbacks and their argument: where to connect, as `connect`
 * takes it, and how the process behaves. Times are milliseconds; `Infinity` means no limit. The page
 * `docs/reference/connection-options.md` holds the table of the former.
 */
export interface ReplicationOptions extends ConnectionOptions {
  /**
   * Whether the start waits for the first connect, `handleConnect` and the queries it begins. With `autoReconnect` a
   * failed first attempt ends the wait too. Default `true`.
   */
  readonly syncConnect?: boolean | undefined;
  /** Connect again after a loss, instead of ending with its reason. Default `false`. */
  readonly autoReconnect?: boolean | undefined;
  /**
   * The wait after a failed attempt: milliseconds, or a rule. A lost connection is made anew at once; only if the new one
   * is lost before it has proved good, that counts as a failure. Default: 500 ms, doubling up to 30,000, half of it by lot.
   */
  readonly reconnectBackoff?: ReconnectBackoff | undefined;
  /** How long a connection must last to count as good, unless data has come before. Default 5,000 ms. */
  readonly stableAfterMs?: number | undefined;
  /** The limit for the whole start. Default 30,000 ms. */
  readonly startTimeoutMs?: Timeout | undefined;
  /**
   * Silence of the server, while it streams and is being read, after which the connection is given up; at half of it the
   * server is asked for a sign of life. Default 60,000 ms; with `statusUpdates: false`, `Infinity`.
   */
  readonly livenessTimeoutMs?: number | undefined;
  /**
   * Whether status updates are sent automatically on replication streams: as the answer to a keepalive that asks, and
   * every 10 s or third of `wal_sender_timeout`. They repeat the greatest flushed position that callbacks have returned,
   * never more, and begin with the first. Default `true`.
   */
  readonly statusUpdates?: boolean | undefined;
  /**
   * SQLSTATEs of notices that end the connection while it streams, as an error would: nothing that comes after one is
   * handed out. PostgreSQL 18 tells of a publication that is missing by a notice (55000), and skips its changes. Default:
   * none.
   */
  readonly fatalNotices?: readonly string[] | undefined;
  /** Answer calls that are still open with the reason when the connection is lost. Default `false`: they wait on. */
  readonly failPendingOnDisconnect?: boolean | undefined;
  /** Hand exit signals of linked processes to `handleInfo` as `otp.exit`, instead of ending with them. Default `false`. */
  readonly trapExit?: boolean | undefined;
  /**
   * Called before each attempt; what it returns replaces options of the same name for that attempt (another host, a
   * fresh token). When it throws, the attempt has failed. Default: the options as they are.
   */
  readonly configure?: ((attempt: Attempt) => ConnectionOptions | Promise<ConnectionOptions>) | undefined;
  /** A name that must be free; taken before `init` runs, freed when the process ends. Default: none. */
  readonly name?: ConnectionName | undefined;
}

/** Where a connection that is started by hand belongs. */
export interface StartLinkOptions extends ReplicationOptions {
  /** The process becomes a child in this actor's tree, linked to it. Default: a root. */
  readonly parent?: AnyActorRef | undefined;
  /** What inspection shows it as. Default: the definition's `id`. */
  readonly id?: string | undefined;
  /** Gives up the start when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Roots only: XState's `inspect`. */
  readonly inspect?: Inspect | undefined;
  /** Roots only: clock, randomness and logger. Default: the real ones; the console from `warn` on. */
  readonly runtime?: Runtime | undefined;
}
