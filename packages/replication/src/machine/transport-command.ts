import type { StreamOptions } from "../connection/stream-sink.ts";
import type { QueryOptions, Reason } from "../instruction.ts";
import type { Secret } from "../options/secret.ts";

/** What the machine tells the transport to do. */
export type TransportCommand =
  | { readonly type: "connect"; readonly attempt: number }
  | { readonly type: "query"; readonly sql: Secret<string>; readonly options: QueryOptions }
  | { readonly type: "stream"; readonly sql: Secret<string>; readonly options: StreamOptions }
  | { readonly type: "stopStream" }
  /** Give up the session, with a goodbye where there is somebody to say it to; `handleDisconnect` runs meanwhile. */
  | { readonly type: "disconnect"; readonly reason: Reason }
  /** Give up the session or the attempt, because the process ends: callbacks run no more, also one that is awaited. */
  | { readonly type: "shutdown" };
