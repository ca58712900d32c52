import {
  commandComplete,
  copyBothResponse,
  type Peer,
  readyForQuery,
  type Script,
  scriptedServer,
} from "@trunkline/testing";
import { connect } from "../src/connection/connect.ts";
import type { Session } from "../src/connection/session.ts";
import type { SessionListeners } from "../src/connection/session-listeners.ts";

/** The fields of the error with which an administrator ends a session. */
export const fatal = { severity: "FATAL", code: "57P01", message: "terminating connection" };

/** How a server ends replication after both CopyDones. */
export const ended = [commandComplete("COPY 0"), commandComplete("START_REPLICATION"), readyForQuery()];

/** Logs in, plays the script, and makes sure that it ended well. */
export async function withSession(
  script: Script,
  body: (session: Session) => Promise<void>,
  listeners: SessionListeners = {},
  repeat = false,
): Promise<void> {
  const login: Script = async (peer) => {
    await peer.login();
    await script(peer);
  };
  await using server = await scriptedServer(repeat ? [login, takeCancel] : [login]);
  const session = await connect({ connectionString: server.url }, { listeners });
  try {
    await body(session);
    await server.done;
  } finally {
    await session.close();
  }
}

/** A connection that cancels, as the server sees it. */
export const takeCancel: Script = async (peer) => {
  await peer.expectCancelRequest();
  peer.halfClose();
};

/** Takes the query and agrees to stream. */
export const startStreaming = async (peer: Peer): Promise<void> => {
  await peer.expectQuery();
  peer.send(copyBothResponse());
};
