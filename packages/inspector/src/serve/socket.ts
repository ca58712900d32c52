import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { isOwnHost, isOwnOrigin, isSameToken } from "./access.ts";
import { pathOf } from "./http.ts";
import { longestPageFrame } from "./page-frame.ts";

/** Codes with which a socket is closed. 4401 is what the page takes for an expired link. */
export const closeCodes = { tooManyPages: 1013, unknownFrame: 4400, badToken: 4401, tooManyFrames: 4429 } as const;

/** Who may open a socket, and how many. */
export interface SocketPolicy {
  readonly listenedOn: string;
  readonly token: string;
  readonly mostPages: number;
}

/**
 * Opens sockets at `/ws` for pages that know the token. Another host or origin is refused before there is a socket; a wrong
 * token is told to the page by a code, since a browser does not show why a socket did not open.
 */
export function acceptSockets(
  server: Server,
  policy: SocketPolicy,
  onPage: (socket: WebSocket) => void,
): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestPageFrame, perMessageDeflate: false });
  let pages = 0;
  server.on("upgrade", (request, stream, head) => {
    stream.on("error", () => stream.destroy());
    if (pathOf(request) !== "/ws") return refuse(stream, "404 Not Found");
    if (!isOwnHost(request.headers.host, policy.listenedOn)) return refuse(stream, "403 Forbidden");
    if (!isOwnOrigin(request.headers)) return refuse(stream, "403 Forbidden");
    sockets.handleUpgrade(request, stream, head, (socket) => {
      // A frame that is too long or broken ends the socket; ws has sent the code.
      socket.on("error", () => {});
      // Only pages count: who does not know the token takes no page's place.
      if (!isSameToken(tokenOf(request), policy.token)) return socket.close(closeCodes.badToken, "expired");
      if (pages >= policy.mostPages) return socket.close(closeCodes.tooManyPages, "too many pages");
      pages += 1;
      socket.on("close", () => {
        pages -= 1;
      });
      onPage(socket);
    });
  });
  return sockets;
}

function tokenOf(request: IncomingMessage): string {
  return new URLSearchParams((request.url ?? "").split("?")[1]).get("token") ?? "";
}

function refuse(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
