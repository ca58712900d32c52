import { copyBothResponse, type Peer, type Script, scriptedServer } from "@trunkline/testing";

/** What a client says at the end of a session outside of a stream. */
export async function goodbye(peer: Peer): Promise<void> {
  await peer.expectTerminate();
  await peer.expectEnd();
  peer.halfClose();
}

/** What a client says at the end of a replication stream. */
export async function goodbyeInStream(peer: Peer): Promise<void> {
  await peer.expectCopyDone();
  await goodbye(peer);
}

/** Lets the client in, and answers its first query with CopyBothResponse. */
export async function loginAndStream(peer: Peer): Promise<void> {
  await peer.login();
  await peer.expectQuery(/^START_REPLICATION/);
  peer.send(copyBothResponse());
}

/** A session that is idle until the client says goodbye. */
export const login: Script = async (peer) => {
  await peer.login();
  await goodbye(peer);
};

/** The URL of a port on which nothing listens any more. */
export async function closedPort(): Promise<string> {
  const server = await scriptedServer(async () => {});
  await server.close();
  return server.url;
}
