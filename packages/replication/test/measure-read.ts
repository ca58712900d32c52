/**
 * Measures what the transport adds to the least a Node program must do. Replays a stream from the memory of another
 * process, so that the reader is the bottleneck, to (a) a bare slab reader, (b) a session with a counting sink and (c) a
 * `ReplicationConnection` whose `handleData` counts, in turn, over plain TCP and over TLS. Prints CPU µs per message of
 * each, and the ratios to the bare reader of the same transport (goals: session ≤ 1.4, connection ≤ 1.5).
 *
 *   tsx --conditions=@trunkline/source packages/replication/test/measure-read.ts [rounds]
 */
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { exited } from "@trunkline/process";
import { encodeQuery, encodeStartupMessage } from "@trunkline/protocol";
import {
  type ConnectionOptions,
  connect,
  DONE,
  noreply,
  ReplicationConnection,
  stop,
  stream,
} from "@trunkline/replication";
import { readBare, readBareTls } from "./bare-slab-reader.ts";
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

type Run = (port: number) => Promise<void>;

const hello = [encodeStartupMessage({ user: "u" }), encodeQuery("START_REPLICATION")];

/** Streams everything through a session. */
const session =
  (ssl: ConnectionOptions["ssl"]): Run =>
  async (port) => {
    const opened = await connect({ host: "127.0.0.1", port, user: "u", database: "d", ssl });
    await new Promise<void>((resolve, reject) => {
      opened.stream("START_REPLICATION", { data: sink, ended: () => resolve() }).catch(reject);
    });
    await opened.close();
  };

const Counter = ReplicationConnection.define<object>(
  {
    init: () => ({}),
    handleConnect: (state) => stream("START_REPLICATION", state),
    handleData: (data, state) => {
      if (data === DONE) return stop({ type: "normal" }, state);
      count += 1;
      bytes += data.length;
      return noreply(state);
    },
    handleResult: (result, state) => stop({ type: "error", error: result }, state),
  },
  { id: "counter", restart: "temporary" },
);

/** Streams everything through a `ReplicationConnection`. */
const connection =
  (ssl: ConnectionOptions["ssl"]): Run =>
  async (port) => {
    const options = { host: "127.0.0.1", port, user: "u", database: "d", ssl, statusUpdates: false };
    const ref = await Counter.startLink(undefined, options);
    if (ref === undefined) throw new Error("The connection did not start.");
    const reason = await exited(ref);
    if (reason.type !== "normal") throw new Error("The connection ended badly.", { cause: reason });
  };

const unverified = { rejectUnauthorized: false };
const contests: readonly {
  readonly over: string;
  readonly runs: readonly [bare: Run, session: Run, connection: Run];
}[] = [
  { over: "tcp", runs: [(port) => readBare({ port, hello, sink }), session(false), connection(false)] },
  { over: "tls", runs: [(port) => readBareTls({ port, hello, sink }), session(unverified), connection(unverified)] },
];

async function cost(run: Run, port: number, messages: number): Promise<number> {
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
  for (const { over, runs } of contests) {
    const costs: number[][] = runs.map(() => []);
    for (let round = 0; round <= rounds; round += 1) {
      for (const [index, run] of runs.entries()) {
        const micros = await cost(run, port, request.messages);
        if (round > 0) costs[index]?.push(micros); // the first round warms up
      }
    }
    const [bare = []] = costs;
    const words = ["bare", "session", "connection"].map((what, index) => {
      const own = costs[index] ?? [];
      const ratio = median(own.map((value, at) => value / (bare[at] ?? 1))).toFixed(2);
      return `${what} ${median(own).toFixed(3)} µs${index === 0 ? "" : ` (${ratio} ×)`}`;
    });
    process.stdout.write(`${name.padEnd(10)} ${over}  ${words.join("   ")}\n`);
  }
  child.kill();
}
process.stdout.write(`${(bytes / 1e9).toFixed(1)} GB read\n`);
