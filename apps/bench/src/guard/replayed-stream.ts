import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { stop } from "@trunkline/process";
import { startReplication } from "@trunkline/protocol";
import { noreply, ReplicationConnection, stream } from "@trunkline/replication";
import type { ReplayStream } from "../replay/replay-stream.ts";
import { serveSession } from "../replay/walsender-session.ts";

/** A walsender in this process that plays one stream. */
export interface LocalReplay extends AsyncDisposable {
  readonly port: number;
  readonly stream: ReplayStream;
}

/** Starts it. @param frames the whole stream */
export async function startLocalReplay(replayed: ReplayStream, frames: Buffer): Promise<LocalReplay> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    serveSession(socket, { stream: replayed, frames, secure: undefined });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stream: replayed,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** What was seen of a stream. */
export interface Seen {
  readonly messages: number;
  /** XState events that the connection's machine got, of whatever kind. */
  readonly machineEvents: number;
}

/** Reads the whole stream through a ReplicationConnection, and stops it. `onData` gets each payload. */
export async function readReplay(replay: LocalReplay, onData: (payload: Uint8Array) => void): Promise<Seen> {
  let messages = 0;
  let machineEvents = 0;
  const sql = startReplication({ slot: "bench", publications: ["bench"] });
  let finish = (): void => {};
  let fail = (_reason: unknown): void => {};
  const read = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const connection = ReplicationConnection.define<Record<never, never>>({
    init: () => ({}),
    handleConnect: (state) => stream(sql, state),
    handleData: (data, state) => {
      if (typeof data === "symbol") return noreply(state);
      messages += 1;
      onData(data);
      if (data[0] === KEEPALIVE) finish(); // the stream's last message
      return noreply(state);
    },
    handleResult: (result) => {
      fail(result);
      return noreply({});
    },
  });
  const ref = await connection.startLink(undefined, {
    host: "127.0.0.1",
    port: replay.port,
    user: "bench",
    database: "bench",
    ssl: false,
    inspect: (event) => {
      if (event.type === "@xstate.event") machineEvents += 1;
    },
  });
  await read;
  const seen = { messages, machineEvents };
  if (ref !== undefined) await stop(ref);
  return seen;
}

const KEEPALIVE = 0x6b;
