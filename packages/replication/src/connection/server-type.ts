import type { ConnectionConfig } from "../options/parse-options.ts";
import { ConnectionError } from "./connection-error.ts";
import type { Session } from "./session.ts";

/**
 * Makes sure that the server is of the wanted type. A physical replication session takes no SQL: there the settings
 * that the server reports decide (`in_hot_standby`, since PostgreSQL 14).
 * @throws ConnectionError `wrong_server_type`
 */
export async function checkServerType(session: Session, config: ConnectionConfig): Promise<void> {
  const { targetServerType: expected } = config;
  if (expected === "any") return;
  const actual = (await acceptsWrites(session, config)) ? "primary" : "secondary";
  if (actual === expected) return;
  throw new ConnectionError(`Expected a ${expected} server, this is a ${actual}.`, {
    kind: "wrong_server_type",
    transport: session.transport,
    action: "handshake",
    endpoint: session.endpoint,
  });
}

async function acceptsWrites(session: Session, config: ConnectionConfig): Promise<boolean> {
  const replication = config.parameters["replication"]?.toLowerCase();
  const physical = replication !== undefined && ["true", "on", "yes", "1"].includes(replication);
  if (physical) return session.parameters.get("in_hot_standby") !== "on";
  const [result] = await session.query("SHOW transaction_read_only");
  return result?.rows[0]?.[0] === "off";
}
