import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { pageServer } from "../src/serve/http.ts";
import { closeCodes } from "../src/serve/socket.ts";
import type { PageFrame, ServerFrame } from "../src/wire.ts";

/** A server that says whatever a test wants said, to try the page without a process behind it. */
export interface FakeServer {
  /** The page's address, with a token that is taken. */
  readonly url: string;
  readonly port: number;
  /** Frames that pages sent, oldest first. */
  readonly heard: readonly PageFrame[];
  /** Sends a frame to every page. */
  send(frame: ServerFrame): void;
  /** Ends all connections, as a process does that dies, and takes no new ones until {@link FakeServer.comeBack}. */
  goAway(): void;
  /** Takes connections again and greets them with these frames. */
  comeBack(greeting: readonly ServerFrame[]): void;
  /** Resolves with the first frame, sent already or not yet, for which the test holds. */
  hears(test: (frame: PageFrame) => boolean): Promise<PageFrame>;
  close(): Promise<void>;
}

const token = "fake-token";

/** Starts the server; each page that connects is sent the greeting. */
export async function startFakeServer(greeting: readonly ServerFrame[]): Promise<FakeServer> {
  const heard: PageFrame[] = [];
  const listeners = new Set<() => void>();
  let frames = greeting;
  let away = false;

  const http = pageServer("127.0.0.1", (_where, look) => look());
  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    if (away) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => welcome(ws, request));
  });

  const welcome = (ws: WebSocket, request: IncomingMessage): void => {
    if (new URL(request.url ?? "/", "http://localhost").searchParams.get("token") !== token) {
      ws.close(closeCodes.badToken);
      return;
    }
    ws.on("message", (data) => {
      heard.push(JSON.parse(String(data)) as PageFrame);
      for (const listener of [...listeners]) listener();
    });
    for (const frame of frames) ws.send(JSON.stringify(frame));
  };

  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/?token=${token}`,
    port,
    heard,
    send: (frame) => {
      for (const ws of sockets.clients) ws.send(JSON.stringify(frame));
    },
    goAway: () => {
      away = true;
      for (const ws of sockets.clients) ws.terminate();
    },
    comeBack: (next) => {
      away = false;
      frames = next;
    },
    hears: (test) =>
      new Promise((found) => {
        const look = (): void => {
          const frame = heard.find(test);
          if (frame === undefined) return;
          listeners.delete(look);
          found(frame);
        };
        listeners.add(look);
        look();
      }),
    close: async () => {
      for (const ws of sockets.clients) ws.terminate();
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
    },
  };
}
