import type { ReplayStream } from "./replay-stream.ts";

/** What the replay's program is told. */
export interface ReplayRequest {
  readonly stream: ReplayStream;
  /** How often the stream is sent to each client, one after the other, without a gap. */
  readonly repeat: number;
  /** PEM, for clients that ask for TLS. */
  readonly certificate: string;
  readonly key: string;
}
