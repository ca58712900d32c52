import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { consoleLogger, type Logger } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { makeGuard } from "./guard.ts";
import { InspectorError } from "./inspector-error.ts";
import { Observatory } from "./observatory.ts";
import { connectPage } from "./serve/connect-page.ts";
import { pageServer } from "./serve/http.ts";
import { Pages } from "./serve/pages.ts";
import { acceptSockets } from "./serve/socket.ts";
import { realTime, type Time } from "./time.ts";
import type { Hello } from "./wire.ts";

/** The port that is taken when none is asked for and it is free. */
export const usualPort = 7171;

const mostPages = 16;

/** How the page is served. */
export interface InspectorOptions {
  /** Default 7171, or a free one when that is taken. A port that is given must be free; 0 takes any. */
  readonly port?: number;
  /** The address to listen on. Default `"127.0.0.1"`: this machine only. */
  readonly host?: string;
  /** What a page must know. Default: a new random one. Give one of your own to keep links valid over restarts. */
  readonly token?: string;
  /** What the page calls the program. Default: the id of the root. */
  readonly app?: string;
  /** Told at `info` where the page is. Default: the console, which writes it. */
  readonly logger?: Logger;
}

/** An inspector that runs. */
export interface Inspector {
  /** Where the page is, token included: `http://127.0.0.1:7171/?token=…`. */
  readonly url: string;
  readonly port: number;
  /** Closes every page and the server, and lets go of the tree. Resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Serves a live page of the tree that an actor belongs to. The tree may be running: it is not restarted, and nothing of the
 * inspector is left in it after `close`. The inspector does not keep Node running.
 * @param actor any actor of the tree: of this library or any other of XState's
 * @throws InspectorError, as a rejection: `address_in_use`, `cannot_listen`, `invalid_option`
 */
export function startInspector(actor: AnyActorRef, options: InspectorOptions = {}): Promise<Inspector> {
  return startInspectorWith(actor, options, realTime);
}

/** As `startInspector`, in a time of one's own. */
export async function startInspectorWith(
  actor: AnyActorRef,
  options: InspectorOptions,
  time: Time,
): Promise<Inspector> {
  const { host = "127.0.0.1", token = randomBytes(18).toString("base64url") } = options;
  const logger = options.logger ?? addressLogger;
  checkOptions(actor, options);
  const guard = makeGuard(logger);
  const server = pageServer(host, guard);
  const port = await listen(server, host, options.port);
  const pages = new Pages(() => observatory, time, guard);
  const observatory = orClose(server, () => new Observatory(actor, time, logger, () => pages.changed()));
  const hello = greeting(options.app ?? observatory.rootId, observatory.since);
  const sockets = acceptSockets(server, { listenedOn: host, token, mostPages }, (socket) =>
    connectPage(socket, pages, { observatory, time, guard, hello: { ...hello, now: Math.round(time.unixMs()) } }),
  );
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/?token=${encodeURIComponent(token)}`;
  logger.info({ url }, `inspector listening on ${url}`);
  return {
    url,
    port,
    close() {
      pages.close();
      observatory.close();
      for (const socket of sockets.clients) socket.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

function orClose<T>(server: Server, make: () => T): T {
  try {
    return make();
  } catch (error) {
    server.close();
    throw error;
  }
}

// The console as the kernel writes to it, and the one line that tells where the page is.
const addressLogger: Logger = { ...consoleLogger(), info: (_fields, message) => console.info(message) };

function greeting(app: string, recordingFrom: number): Hello {
  return {
    t: "hello",
    wire: 1,
    app,
    pid: process.pid,
    node: process.versions.node,
    startedAt: Math.round(Date.now() - process.uptime() * 1000),
    now: 0,
    control: false,
    recordingFrom: Math.round(recordingFrom),
  };
}

function checkOptions(actor: unknown, { port, token, host }: InspectorOptions): void {
  if (typeof actor !== "object" || actor === null || !("system" in actor && "sessionId" in actor)) {
    throw new InspectorError("invalid_option", "What is to be inspected is no actor: give one that createActor made.");
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new InspectorError("invalid_option", `port is ${String(port)}: a whole number from 0 to 65535 is needed.`);
  }
  if (token !== undefined && (typeof token !== "string" || token === "")) {
    throw new InspectorError("invalid_option", "token is empty: anyone could open the page.");
  }
  if (host !== undefined && (typeof host !== "string" || host === "")) {
    throw new InspectorError("invalid_option", "host is empty: that would listen on every address.");
  }
}

async function listen(server: Server, host: string, port: number | undefined): Promise<number> {
  try {
    return await listenOn(server, host, port ?? usualPort);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE" && port === undefined) return listenOn(server, host, 0);
    if (code === "EADDRINUSE") {
      throw new InspectorError("address_in_use", `Port ${port} of ${host} is taken.`, { cause: error });
    }
    throw new InspectorError("cannot_listen", `${host}:${port ?? usualPort} cannot be listened on.`, { cause: error });
  }
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      server.unref();
      resolve((server.address() as AddressInfo).port);
    });
  });
}
