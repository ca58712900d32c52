import type { RowHandler, ServiceConfig } from "./consumer.ts";
import type { RowLog } from "./row-log.ts";

/** What a scenario can do. All waits are bounded. */
export interface Stage {
  readonly log: RowLog;
  /** Inserts rows, each in a transaction of its own. */
  write(rows: number): Promise<void>;
  /** Starts a consumer. Default handler: finishes at once. */
  start(handle?: RowHandler): Promise<void>;
  /** Stops the consumer as its manual says. */
  stop(): Promise<void>;
  /** Lets the stopped consumer go on. */
  resume(): Promise<void>;
  /** Ends the consumer at once; what its handlers finish from now on doesn't count, as if their process had died. */
  kill(): Promise<void>;
  /** Ends every walsender of the database, as a restart of the server or a proxy would. */
  terminateWalsenders(): Promise<void>;
}

/** A way to lose rows. */
export interface Scenario {
  readonly name: string;
  /** How pg-logical-replication is set up: the setting that its manual has for such a program. */
  readonly service: ServiceConfig;
  /** Settings of the scenario's database. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Everything but the end: there, a fresh consumer whose handler works gets time to see what is missing. */
  run(stage: Stage): Promise<void>;
}
