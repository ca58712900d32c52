import type { Socket } from "node:net";
import { reset } from "../reset.ts";
import { type CutMode, type Flow, SocketFlow } from "./flow.ts";
import { type Conversation, MessageScanner } from "./message-scanner.ts";

/** Which end a cut is for. `client`: the server doesn't notice, as when a machine loses its power. */
export type CutSide = "both" | "client" | "server";

/** A client's connection through the proxy. */
export interface ProxiedConnection {
  /** Counted from 1 in the order of acceptance. */
  readonly number: number;
  /** What the server sends. */
  readonly toClient: Flow;
  /** What the client sends. */
  readonly toServer: Flow;
  /** Whether TLS or GSS hides the messages: points counted in messages are never reached then. */
  readonly encrypted: boolean;
  /**
   * Ends the connection, by default on both sides and with FIN. What the kernel of the receiver holds unread is lost
   * with RST, as in life. A side that is left out sees nothing: it is neither read nor written any more.
   */
  cut(mode?: CutMode, side?: CutSide): void;
  /** Resolves when both sides are closed. */
  readonly closed: Promise<void>;
}

/** Joins two sockets, both with `allowHalfOpen`. */
export function proxiedConnection(number: number, client: Socket, server: Socket): ProxiedConnection {
  const conversation: Conversation = { unanswered: 0, opaque: false };
  const cut = (mode: CutMode = "fin", side: CutSide = "both") => {
    if (side === "server") toServer.stall();
    else end(client, toServer, mode);
    if (side === "client") toClient.stall();
    else end(server, toClient, mode);
  };
  const toClient = new SocketFlow(server, client, new MessageScanner("server", conversation), cut);
  const toServer = new SocketFlow(client, server, new MessageScanner("client", conversation), cut);
  const closed = Promise.all([client, server].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  return {
    number,
    toClient,
    toServer,
    get encrypted() {
      return conversation.opaque;
    },
    cut,
    closed: closed.then(() => {}),
  };
}

/** `flow` is what comes from that socket. */
function end(socket: Socket, flow: SocketFlow, mode: CutMode): void {
  flow.abandon();
  if (mode === "rst") reset(socket);
  else socket.end();
}
