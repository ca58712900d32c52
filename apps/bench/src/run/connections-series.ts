import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ConnectionCosts, Rounds } from "../connections/rounds.ts";
import { pinned } from "./pinning.ts";
import type { BenchContext } from "./series.ts";
import { startServer } from "./start-server.ts";

/** How many connections one process is given. */
const CONNECTIONS = [1, 10, 100, 1000] as const;

/** Keepalives in each half of a run, over all connections. */
const KEEPALIVES = 10_000;

const execute = promisify(execFile);

/** What connections cost by their number: memory, a keepalive, a row. */
export async function runConnectionsSeries(context: BenchContext): Promise<readonly ConnectionCosts[]> {
  const all: ConnectionCosts[] = [];
  for (const connections of CONNECTIONS) {
    const rounds: Rounds = { connections, rounds: KEEPALIVES / connections };
    await using server = await startServer(context.programs.connectionsServer, rounds, context.pinning?.server);
    const request = JSON.stringify({ ...rounds, port: server.port });
    const command = [process.execPath, context.programs.connectionsClient, request];
    const [file, ...rest] = pinned(context.pinning?.client, command);
    const { stdout } = await execute(file, rest, { timeout: context.timeoutMs });
    all.push(JSON.parse(stdout) as ConnectionCosts);
  }
  return all;
}
