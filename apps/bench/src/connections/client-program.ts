// A program: many ReplicationConnections in one process, each answering keepalives. Writes its costs when all is over.
import { writeSync } from "node:fs";
import { encodeStandbyStatusUpdate, lsn, startReplication } from "@trunkline/protocol";
import { noreply, ReplicationConnection, stream } from "@trunkline/replication";
import { type ConnectionCosts, ROWS_IN_TRANSACTION, type Rounds } from "./rounds.ts";

const KEEPALIVE = 0x6b;
/** Connections that are opened at the same time. */
const AT_ONCE = 50;

const { connections, rounds, port } = JSON.parse(process.argv[2] ?? "{}") as Rounds & { readonly port: number };
const position = lsn(1n);
const answer = encodeStandbyStatusUpdate({
  written: position,
  flushed: position,
  applied: position,
  clock: 0n,
  replyRequested: false,
});
const sql = startReplication({ slot: "bench", publications: ["bench"] });
const perHalf = connections * rounds;
const rssBefore = process.memoryUsage().rss;
let keepalives = 0;
let rssEach = Number.NaN;
let idleFrom: NodeJS.CpuUsage | undefined;
let busyFrom: NodeJS.CpuUsage | undefined;
let perKeepalive = Number.NaN;

const connection = ReplicationConnection.define<Record<never, never>>({
  init: () => ({}),
  handleConnect: (state) => stream(sql, state),
  handleData: (data, state) => {
    if (typeof data === "symbol" || data[0] !== KEEPALIVE) return noreply(state);
    tally();
    return noreply(state, [answer]);
  },
  handleResult: (result) => {
    throw result instanceof Error ? result : new Error("The stream ended.");
  },
});

for (let opened = 0; opened < connections; opened += AT_ONCE) {
  const batch = Array.from({ length: Math.min(AT_ONCE, connections - opened) }, (_, index) =>
    connection.startLink(undefined, {
      id: `connection ${opened + index}`,
      host: "127.0.0.1",
      port,
      user: "bench",
      database: "bench",
      ssl: false,
    }),
  );
  await Promise.all(batch);
}

function tally(): void {
  if (keepalives === 0) {
    rssEach = (process.memoryUsage().rss - rssBefore) / connections;
    idleFrom = process.cpuUsage();
  }
  keepalives += 1;
  if (keepalives === perHalf) {
    perKeepalive = spent(idleFrom) / perHalf;
    busyFrom = process.cpuUsage();
  }
  if (keepalives === 2 * perHalf) finish();
}

function finish(): never {
  const costs: ConnectionCosts = {
    connections,
    rssKbEach: Math.round(rssEach / 1024),
    cpuMicrosPerKeepalive: Number(perKeepalive.toFixed(2)),
    cpuMicrosPerBusyRow: Number((spent(busyFrom) / perHalf / ROWS_IN_TRANSACTION).toFixed(2)),
  };
  writeSync(1, `${JSON.stringify(costs)}\n`);
  process.exit(0);
}

function spent(since: NodeJS.CpuUsage | undefined): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}
