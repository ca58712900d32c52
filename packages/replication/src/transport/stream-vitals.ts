/** What came by all streams of one process since its start, up to the last turn of the loop. */
export interface StreamTotals {
  /** Keepalives included. */
  messages: number;
  /** Of the messages. */
  bytes: number;
}

/** When the peer of a stream was last heard. Moments are milliseconds of the tree's clock. */
export interface StreamLiveness {
  readonly heardAtMs: number;
  /** When the server was asked for a sign of life that has not come; `undefined` while it was not. */
  readonly askedAtMs: number | undefined;
  /** So much silence, also after the question, and the connection counts as lost. `Infinity`: never. */
  readonly timeoutMs: number;
}

/** How the streams of one connection do. */
export interface StreamVitals extends Readonly<StreamTotals> {
  /** `undefined` while no replication stream runs. */
  readonly liveness: StreamLiveness | undefined;
}
