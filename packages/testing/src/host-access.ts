/** Lines of `pg_hba.conf` that trust everybody who comes by the unix socket or from this IPv4 address. */
export function trusting(address: string): readonly string[] {
  return ["local", "host"].flatMap((type) =>
    ["all", "replication"].map((database) => `${type} ${database} all ${type === "host" ? `${address} ` : ""}trust`),
  );
}
