import { clockFromUnixMicros } from "@trunkline/protocol";

/** The time now, as Postgres counts it: microseconds since 2000-01-01 UTC. */
export function postgresNow(): bigint {
  return clockFromUnixMicros(BigInt(Date.now()) * 1000n);
}
