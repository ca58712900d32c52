/** What the bench uses of pgwire, which ships no types. */
declare module "pgwire" {
  interface ReplicationMessage {
    readonly tag: string;
    /** The new row: its columns are getters. */
    readonly after?: import("./sink.ts").DecodedRow | null;
    /** Of a Commit: microseconds since the Unix epoch. */
    readonly commitTime?: bigint;
  }
  interface ReplicationStream {
    pgoutputDecode(): AsyncIterable<{ readonly lastLsn: string; readonly messages: readonly ReplicationMessage[] }>;
    /** Confirms; sent with the next status update. */
    ack(lsn: string): void;
  }
  interface Connection {
    logicalReplication(options: {
      readonly slot: string;
      readonly options: Readonly<Record<string, string | number>>;
    }): ReplicationStream;
  }
  export function pgconnection(options: Readonly<Record<string, string | number>>): Connection;
}
