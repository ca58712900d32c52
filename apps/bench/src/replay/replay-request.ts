import type { ReplayStream } from "./replay-stream.ts";

/** What the replay's program is told. */
export interface ReplayRequest {
  readonly stream: ReplayStream;
  /** PEM, for clients that ask for TLS. */
  readonly certificate: string;
  readonly key: string;
}
