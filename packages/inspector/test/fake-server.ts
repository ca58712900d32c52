import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";
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
const pageFolder = new URL("../page/", import.meta.url);
const { resolve } = createRequire(import.meta.url);
const vendor = new Map([
  ["/vendor/preact.js", fileURLToPath(import.meta.resolve("preact"))],
  ["/vendor/htm.js", resolve("htm").replace(/htm\.js$/, "htm.module.js")],
  ["/vendor/elk-worker.js", resolve("elkjs/lib/elk-worker.min.js")],
]);
const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Starts the server; each page that connects is sent the greeting. */
export async function startFakeServer(greeting: readonly ServerFrame[]): Promise<FakeServer> {
  const heard: PageFrame[] = [];
  const listeners = new Set<() => void>();
  let frames = greeting;
  let away = false;

  const http = createServer((request, response) => void serveFile(request, response));
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
      ws.close(4401);
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

async function serveFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const file =
    vendor.get(pathname) ?? fileURLToPath(new URL(`.${pathname === "/" ? "/index.html" : pathname}`, pageFolder));
  try {
    const body = await readFile(file);
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
