/** Values of `postgresql.conf` by name, as text, without quotes. */
export type ServerSettings = Readonly<Record<string, string>>;

/**
 * What every server for tests runs with, whoever provides it: logical decoding with room for many slots, prepared
 * transactions, no syncing to disk, little memory. `wal_sender_timeout` keeps the server's default.
 */
export const baseSettings: ServerSettings = {
  wal_level: "logical",
  max_wal_senders: "20",
  max_replication_slots: "40",
  max_prepared_transactions: "20",
  max_connections: "100",
  fsync: "off",
  full_page_writes: "off",
  shared_buffers: "16MB",
  dynamic_shared_memory_type: "mmap",
  min_wal_size: "32MB",
  max_wal_size: "512MB",
  autovacuum: "on",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] ",
};

/** What a server with certificates runs with besides; `server.crt` and `server.key` are found by their default names. */
export const tlsSettings: ServerSettings = { ssl: "on", ssl_ca_file: "ca.crt" };

/** The text of a configuration file; values are quoted as `postgresql.conf` wants them. */
export function formatSettings(settings: ServerSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join("");
}
