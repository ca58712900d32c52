import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { CutMode } from "./flow.ts";
import { type ProxiedConnection, proxiedConnection } from "./proxied-connection.ts";

/** Where the proxy leads to. */
export type ProxyTarget = { readonly host: string; readonly port: number } | { readonly socketPath: string };

/** Looks at each new connection before its first byte: the place to set its faults. */
export type Plan = (connection: ProxiedConnection) => void;

/** A server to stand in front of, and what to do to its connections. */
export interface FaultProxyOptions {
  /** Anything with a host and a port (a `PostgresServer`, a `ScriptedServer`), or the path of a unix socket. */
  readonly target: ProxyTarget;
  /** Default: nothing, a faithful proxy. */
  readonly plan?: Plan;
}

/** A TCP proxy on 127.0.0.1 that breaks connections as it is told. `await using` closes it and all of them. */
export interface FaultProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** The same URL by way of the proxy. */
  urlOf(url: string): string;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Those that are open, oldest first. */
  readonly connections: readonly ProxiedConnection[];
  /** Bytes handed on in all connections so far. */
  readonly bytes: { readonly toClients: number; readonly toServer: number };
  /** The connection of that number, from 1, as soon as it is accepted. */
  connection(number: number): Promise<ProxiedConnection>;
  /** Where connections accepted from now on lead to: a failover. */
  retarget(target: ProxyTarget): void;
  /** The plan of connections accepted from now on; `undefined`: a faithful proxy. */
  replan(plan: Plan | undefined): void;
  /** Cuts all open connections. Default FIN. */
  cut(mode?: CutMode): void;
  /** Closes the port: who connects is refused. Open connections stay. */
  refuse(): Promise<void>;
  /** Opens the same port again. */
  admit(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function faultProxy({ target, plan }: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new TcpProxy(target, plan);
  await proxy.admit();
  return proxy;
}

class TcpProxy implements FaultProxy {
  readonly host = "127.0.0.1";
  port = 0;
  #target: ProxyTarget;
  #plan: Plan | undefined;
  #server: Server | undefined;
  #all: ProxiedConnection[] = [];
  #open = new Set<ProxiedConnection>();
  #arrival = () => {};
  #arrived: Promise<void> = Promise.resolve();

  constructor(target: ProxyTarget, plan: Plan | undefined) {
    this.#target = target;
    this.#plan = plan;
    this.#awaitArrival();
  }

  get accepted(): number {
    return this.#all.length;
  }

  get connections(): readonly ProxiedConnection[] {
    return [...this.#open];
  }

  get bytes(): { toClients: number; toServer: number } {
    const sum = (of: (connection: ProxiedConnection) => number) => this.#all.reduce((total, one) => total + of(one), 0);
    return { toClients: sum(({ toClient }) => toClient.bytes), toServer: sum(({ toServer }) => toServer.bytes) };
  }

  urlOf(url: string): string {
    return Object.assign(new URL(url), { hostname: this.host, port: String(this.port) }).href;
  }

  async connection(number: number): Promise<ProxiedConnection> {
    for (;;) {
      const found = this.#all[number - 1];
      if (found !== undefined) return found;
      await this.#arrived;
    }
  }

  retarget(target: ProxyTarget): void {
    this.#target = target;
  }

  replan(plan: Plan | undefined): void {
    this.#plan = plan;
  }

  cut(mode: CutMode = "fin"): void {
    for (const connection of this.connections) connection.cut(mode);
  }

  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.close(); // takes effect at once; its close event waits for the connections, which stay
  }

  async admit(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    this.#server = server;
    server.listen(this.port, this.host);
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new TypeError("A TCP server without a port.");
    this.port = address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.refuse();
    const open = this.connections;
    for (const connection of open) connection.cut("rst");
    await Promise.all(open.map(({ closed }) => closed));
  }

  #accept(client: Socket): void {
    const where = "socketPath" in this.#target ? { path: this.#target.socketPath } : { ...address(this.#target) };
    const server = connect({ ...where, allowHalfOpen: true, noDelay: true });
    const connection = proxiedConnection(this.#all.length + 1, client, server);
    this.#all.push(connection);
    this.#open.add(connection);
    connection.closed.then(() => this.#open.delete(connection));
    this.#plan?.(connection);
    const arrival = this.#arrival;
    this.#awaitArrival();
    arrival();
  }

  #awaitArrival(): void {
    this.#arrived = new Promise((resolve) => {
      this.#arrival = resolve;
    });
  }
}

/** Only these two: a whole server may have been given. */
const address = ({ host, port }: { readonly host: string; readonly port: number }) => ({ host, port });
