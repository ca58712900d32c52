/** How many connections one process has, and what they are sent. */
export interface Rounds {
  readonly connections: number;
  /** Keepalives to each connection while it is idle; then as many transactions, each with a keepalive, to each. */
  readonly rounds: number;
}

/** Rows in each transaction of the busy half. */
export const ROWS_IN_TRANSACTION = 10;

/** What a process with many connections costs. */
export interface ConnectionCosts {
  readonly connections: number;
  /** Memory of the whole process that came with each connection, in units of 1,024 bytes. */
  readonly rssKbEach: number;
  /** Of the client, with its answer. */
  readonly cpuMicrosPerKeepalive: number;
  /** Of the client: a tenth of a transaction of ten rows and its keepalive. */
  readonly cpuMicrosPerBusyRow: number;
}
