/** What a client's program is told: where the stream is, and when it is over. One JSON argument. */
export interface ClientTask {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly slot: string;
  readonly publication: string;
  /** Inserts in the whole stream. */
  readonly rows: number;
  /** Transactions in the whole stream; the client is done after the last Commit. */
  readonly transactions: number;
  /** The end of the last Commit, for `pg_recvlogical`, which can't count; `undefined`: not known yet. */
  readonly endLsn: string | undefined;
  /** Which column holds JSON, for yardsticks that parse it without knowing types. */
  readonly jsonColumn: number | undefined;
  /** PEM of the authority that has signed the server's certificate, for clients over TLS. */
  readonly ca: string | undefined;
  /** `"latency"`: time from each Commit's timestamp to the callback. `"throughput"`: nothing per transaction. */
  readonly measure: "throughput" | "latency";
}

/** What a client's program writes to its standard output, one line of JSON. */
export interface ClientReport {
  readonly rows: number;
  /** `null` where the client can't see Commits. */
  readonly transactions: number | null;
  /** User and system time of all threads, from the first Begin (`postgres`: the first row) to the last Commit. */
  readonly cpuMicros: number;
  readonly wallMicros: number;
  /** The most memory the process has had, its start included; `null` where it can't be told. */
  readonly maxRssKb: number | null;
  /** Bytes of the stream, as the scout counts them. */
  readonly streamBytes?: number;
  /** The end of the last Commit, as the scout sees it. */
  readonly endLsn?: string;
  /** Milliseconds of each transaction after the warm-up, sorted. */
  readonly latencyMs?: { readonly p50: number; readonly p99: number; readonly max: number; readonly samples: number };
}

/** A line that says the client has begun to listen; clients whose slot can't be made before write it. */
export interface ClientReady {
  readonly ready: true;
}

/** The program's task. */
export function readTask(): ClientTask {
  return JSON.parse(process.argv[2] ?? "{}") as ClientTask;
}
