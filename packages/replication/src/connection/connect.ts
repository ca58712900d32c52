import type { ConnectionOptions } from "../options/connection-options.ts";
import { connectionOptionNames, parseConnectionOptions, refuseUnknownOptions } from "../options/parse-options.ts";
import { type OpenSessionOptions, openSession } from "./open-session.ts";
import type { Session } from "./session.ts";

/**
 * Connects to a server for replication and resolves with a session to query and to stream from. Nothing reconnects: that
 * is what a supervised `ReplicationConnection` is for.
 * @throws ConfigError before any network activity; else what `openSession` throws
 */
export async function connect(options: ConnectionOptions, opening: OpenSessionOptions = {}): Promise<Session> {
  refuseUnknownOptions(options, connectionOptionNames);
  return openSession(parseConnectionOptions(options), opening);
}
