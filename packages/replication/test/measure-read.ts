/**
 * Measures what the transport adds to the least a Node program must do. Replays a stream from the memory of another
 * process, so that the reader is the bottleneck, to (a) a bare slab reader and (b) a session with a counting sink, in
 * turn, and prints CPU µs per message of both and their ratio (goal: ≤ 1.4).
 *
 *   tsx --conditions=@trunkline/source packages/replication/test/measure-read.ts [rounds]
 */
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { encodeQuery, encodeStartupMessage } from "@trunkline/protocol";
import { connect } from "@trunkline/replication";
import { readBare } from "./bare-slab-reader.ts";
import type { ReplayRequest } from "./replay-server.ts";

const workloads: readonly (ReplayRequest & { readonly name: string })[] = [
  { name: "W1, 225 B", messages: 1_000_000, payloadBytes: 225 },
  { name: "W2, 60 B", messages: 1_000_000, payloadBytes: 60 },
  { name: "W3, 2 KB", messages: 100_000, payloadBytes: 2070 },
];
const rounds = Number(process.argv[2] ?? 5);

function pin(pid: number, core: number): void {
  try {
    execFileSync("taskset", ["-a", "-c", "-p", String(core), String(pid)], { stdio: "ignore" });
  } catch {
    // not on Linux: the figures are noisier
  }
}

async function serve(request: ReplayRequest): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(fileURLToPath(new URL("./replay-server.ts", import.meta.url)), [JSON.stringify(request)]);
  pin(child.pid ?? 0, 0);
  const port = await new Promise<number>((resolve) => child.once("message", (message) => resolve(Number(message))));
  return { child, port };
}

let count = 0;
let bytes = 0;
const sink = (payload: Buffer): void => {
  count += 1;
  bytes += payload.length;
};

async function bare(port: number): Promise<void> {
  const hello = [encodeStartupMessage({ user: "u" }), encodeQuery("START_REPLICATION")];
  await readBare(port, hello, sink);
}

async function ours(port: number): Promise<void> {
  const session = await connect({ host: "127.0.0.1", port, user: "u", database: "d" });
  await new Promise<void>((resolve, reject) => {
    session.stream("START_REPLICATION", { data: sink, ended: () => resolve() }).catch(reject);
  });
  await session.close();
}

async function cost(run: (port: number) => Promise<void>, port: number, messages: number): Promise<number> {
  count = 0;
  const before = process.cpuUsage();
  await run(port);
  const { user, system } = process.cpuUsage(before);
  if (count !== messages) throw new Error(`${count} messages instead of ${messages}`);
  return (user + system) / messages;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

pin(process.pid, 1);
for (const { name, ...request } of workloads) {
  const { child, port } = await serve(request);
  const costs = { bare: [] as number[], ours: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const pair = [await cost(bare, port, request.messages), await cost(ours, port, request.messages)] as const;
    if (round === 0) continue; // the first round warms up
    costs.bare.push(pair[0]);
    costs.ours.push(pair[1]);
  }
  const [a, b] = [median(costs.bare), median(costs.ours)];
  const ratio = median(costs.ours.map((value, index) => value / (costs.bare[index] ?? 1)));
  process.stdout.write(
    `${name.padEnd(10)} bare ${a.toFixed(3)} µs/message   session ${b.toFixed(3)}   ratio ${ratio.toFixed(2)}\n`,
  );
  child.kill();
}
process.stdout.write(`${(bytes / 1e9).toFixed(1)} GB read\n`);
