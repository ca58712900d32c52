import type { LogicalReplicationService } from "pg-logical-replication";

/** Where the rows are: a table `rows (id int primary key)` in its publication, and a slot made before the first row. */
export interface LossSource {
  readonly url: string;
  readonly slot: string;
  readonly publication: string;
}

/** How pg-logical-replication is set up; its manual has several ways. */
export type ServiceConfig = ConstructorParameters<typeof LogicalReplicationService>[1];

/** What is done about one inserted row: the row counts as seen when the promise is fulfilled. */
export type RowHandler = (id: number) => Promise<void>;

/** What a consumer is made of. */
export interface ConsumerOptions {
  readonly source: LossSource;
  readonly handle: RowHandler;
  /** Takes what goes wrong: what an application would log. */
  readonly report: (error: unknown) => void;
  readonly service: ServiceConfig;
}

/** A client of a library under test, listening. */
export interface Consumer {
  /** Ends it as the library's manual says. */
  stop(): Promise<void>;
  /** Lets a stopped one listen again, as the library's manual says. */
  resume(): Promise<void>;
  /** Ends it at once: as close as it comes to the end of its process. */
  kill(): Promise<void>;
}

/** A library under test. */
export interface Peer {
  readonly name: string;
  /** Settles when it listens. */
  consume(options: ConsumerOptions): Promise<Consumer>;
}
