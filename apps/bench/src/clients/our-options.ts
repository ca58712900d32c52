import type { ConnectionOptions } from "@trunkline/replication";
import type { ClientTask } from "./task.ts";

/** Where our own clients connect to; all other options are the defaults. */
export function ourOptions({ host, port, user, database, ca }: ClientTask): ConnectionOptions {
  return { host, port, user, database, ssl: ca === undefined ? false : { ca } };
}
