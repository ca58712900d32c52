import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Guard } from "../guard.ts";
import { isOwnHost } from "./access.ts";
import { readAsset } from "./assets.ts";

const mostConnections = 64;
/** A browser asks at once; who takes longer only holds a connection. */
const longestRequestMs = 10_000;

/** Nothing from elsewhere is loaded, framed, cached or told where it came from. */
function headersFor(host: string | undefined): Readonly<Record<string, string>> {
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "worker-src 'self'",
      `connect-src 'self' ws://${host} wss://${host}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
}

/** Makes the server of the page's files. They are the same for everyone and hold nothing secret: the token is for the socket. */
export function pageServer(listenedOn: string, guard: Guard): Server {
  const server = createServer((request, response) => {
    void respond(request, response, listenedOn).catch((error: unknown) => {
      guard("a request", () => {
        throw error;
      });
      response.destroy();
    });
  });
  server.maxConnections = mostConnections;
  server.headersTimeout = longestRequestMs;
  server.requestTimeout = longestRequestMs;
  server.on("connection", (socket) => socket.unref());
  server.on("clientError", (_error, socket) => void socket.destroy());
  return server;
}

async function respond(request: IncomingMessage, response: ServerResponse, listenedOn: string): Promise<void> {
  const { host } = request.headers;
  if (!isOwnHost(host, listenedOn)) return refuse(response, 403, "This is not the address of the inspector.");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return refuse(response, 405, "The inspector only shows.");
  }
  const asset = await readAsset(pathOf(request));
  if (asset === undefined) return refuse(response, 404, "There is no such file.");
  response.writeHead(200, { ...headersFor(host), "content-type": asset.type, "content-length": asset.body.length });
  response.end(request.method === "HEAD" ? undefined : asset.body);
}

/** The path of a request, as it was sent: nothing is unescaped. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split(/[?#]/, 1)[0] ?? "/";
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end(`${why}\n`);
}
