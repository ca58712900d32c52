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

/** Who gets each payload: as a view, or as a range of a slab. */
export type Taker =
  | { readonly data: (payload: Uint8Array) => void }
  | { readonly bytes: (slab: Uint8Array, from: number, to: number) => void };

/** Reads the whole stream through a ReplicationConnection, and stops it. */
export async function readReplay(replay: LocalReplay, taker: Taker): Promise<Seen> {
  let messages = 0;
  let machineEvents = 0;
  const sql = startReplication({ slot: "bench", publications: ["bench"] });
  let finish = (): void => {};
  let fail = (_reason: unknown): void => {};
  const read = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const seenTag = (tag: number | undefined): void => {
    messages += 1;
    if (tag === KEEPALIVE) finish(); // the stream's last message
  };
  const connection = ReplicationConnection.define<Record<never, never>>({
    init: () => ({}),
    handleConnect: (state) => stream(sql, state),
    handleData: (data, state) => {
      if (typeof data === "symbol" || !("data" in taker)) return noreply(state);
      taker.data(data);
      seenTag(data[0]);
      return noreply(state);
    },
    ...("bytes" in taker && {
      handleBytes: (slab, from, to, state) => {
        taker.bytes(slab, from, to);
        seenTag(slab[from]);
        return noreply(state);
      },
    }),
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
