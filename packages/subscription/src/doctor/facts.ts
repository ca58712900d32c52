import type { SlotRow } from "../slot/slot-facts.ts";

/** What the server and the session are like. Times in milliseconds. */
export interface ServerFacts {
  /** Major version, such as `18`. */
  readonly version: number;
  readonly inRecovery: boolean;
  readonly walLevel: string;
  readonly slots: number;
  readonly maxSlots: number;
  readonly senders: number;
  readonly maxSenders: number;
  readonly role: string;
  readonly superuser: boolean;
  /** Superuser, REPLICATION, or a member of `rds_replication`. */
  readonly mayReplicate: boolean;
  readonly database: string;
  /** May create publications here. */
  readonly mayCreate: boolean;
  readonly serverEncoding: string;
  readonly walSenderTimeoutMs: number;
  /** Megabytes; -1: no limit. */
  readonly maxSlotWalKeepMegabytes: number;
  /** Seconds, 0: off (PostgreSQL 18). */
  readonly idleSlotTimeoutSeconds: number;
  /** Settings of this session that decide how values are written. */
  readonly session: Readonly<Record<string, string>>;
}

/** What `pg_publication` says. */
export interface PublicationFacts {
  readonly name: string;
  readonly allTables: boolean;
  readonly operations: readonly string[];
  readonly viaPartitionRoot: boolean;
  /** Stored generated columns are published (PostgreSQL 18). */
  readonly generatedColumns: boolean;
  readonly tables: readonly PublishedTable[];
}

/** What `pg_publication_tables` says. */
export interface PublishedTable {
  readonly schema: string;
  readonly table: string;
  /** `undefined` where the server has no column lists, or lists none: all columns. */
  readonly columns: readonly string[] | undefined;
  readonly rowFilter: string | undefined;
  /** The columns of the row filter, where they could be told. */
  readonly filterColumns: readonly string[];
}

/** What the catalog says of a table that is published, to be published, or a leaf of one that is. */
export interface TableFacts {
  readonly schema: string;
  readonly table: string;
  /** `r` table, `p` partitioned table, `v` view, `m` materialized view, `f` foreign table. */
  readonly kind: string;
  /** `p` permanent, `u` unlogged, `t` temporary. */
  readonly persistence: string;
  /** `d` primary key, `n` nothing, `f` all columns, `i` an index. */
  readonly identity: string;
  /** The columns that identify a row in old tuples; empty when nothing does, or all do. */
  readonly identityColumns: readonly string[];
  readonly isPartition: boolean;
  /** The partitioned tables that it is a partition of, as `schema.table`. */
  readonly ancestors: readonly string[];
  /** The role owns it, or is a superuser. */
  readonly owned: boolean;
  /** The role may SELECT from it, and use its schema. */
  readonly readable: boolean;
  /** Row security hides rows from this role. */
  readonly rowSecurity: boolean;
  readonly columns: readonly string[];
  /** Generated columns, stored ones only. */
  readonly generated: readonly string[];
}

/** All that the doctor asks the server for. */
export interface Facts {
  readonly server: ServerFacts;
  readonly slot: SlotRow | undefined;
  readonly publications: readonly PublicationFacts[];
  readonly tables: readonly TableFacts[];
}
