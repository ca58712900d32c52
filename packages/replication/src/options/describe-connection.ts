import type { ConnectionOptions } from "./connection-options.ts";
import { formatEndpoint } from "./endpoint.ts";
import { parseConnectionOptions } from "./parse-options.ts";

/** Where options lead and as whom. Nothing in it is secret. */
export interface ConnectionDescription {
  /** `host:port` or the path of a socket; several in the order in which they are tried, separated by commas. */
  readonly servers: string;
  readonly user: string;
  readonly database: string;
}

/**
 * Where these options lead and as whom, for people: connection string, environment and defaults taken into account.
 * @throws ConfigError as `connect`
 */
export function describeConnection(options: ConnectionOptions): ConnectionDescription {
  const { endpoints, user, database } = parseConnectionOptions(options);
  return { servers: endpoints.map(formatEndpoint).join(", "), user, database };
}
