import { type BenchClient, LONG_REPEAT } from "../clients/catalogue.ts";
import type { ClientTask } from "../clients/task.ts";
import { type ReplayStream, replayStream } from "../replay/replay-stream.ts";
import { type Replay, startReplay } from "../replay/start-replay.ts";
import type { Workload } from "../workloads/workload.ts";
import { runClient } from "./run-client.ts";
import { available, type BenchContext, runOptionsOf } from "./series.ts";

/**
 * Every client reads the workload's made stream from another process' memory: the client is what limits.
 * @param setup `long`: five times in each run
 */
export async function runReplaySeries(
  setup: "replay" | "long",
  workload: Workload,
  rows: number,
  clients: readonly BenchClient[],
  context: BenchContext,
): Promise<void> {
  const once = replayStream(context.cache, workload, rows, context.seed);
  const repeat = setup === "long" ? LONG_REPEAT : 1;
  const stream = repeated(once, repeat);
  await using replay = await startReplay(context.programs.replay, once, context.pinning?.server, repeat);
  for (let round = 0; round < context.rounds; round += 1) {
    for (const client of available(clients, context)) {
      const outcome = await runClient(replayTask(workload, replay, stream, client), runOptionsOf(client, context));
      const shared = { workload: workload.name, setup, client: client.name } as const;
      context.onSample({ ...shared, rows: stream.rows, streamBytes: stream.bytes, outcome });
    }
  }
}

/** What is seen of a stream that is played several times. */
export function repeated(stream: ReplayStream, repeat: number): ReplayStream {
  const { bytes, rows, transactions } = stream;
  return { ...stream, bytes: bytes * repeat, rows: rows * repeat, transactions: transactions * repeat };
}

/** The task of a client of a replay; who it is and which slot it names is all the same there. */
export function replayTask(workload: Workload, replay: Replay, stream: ReplayStream, client: BenchClient): ClientTask {
  return {
    host: "127.0.0.1",
    port: replay.port,
    user: "bench",
    database: "bench",
    slot: "bench",
    publication: "bench",
    rows: stream.rows,
    transactions: stream.transactions,
    endLsn: stream.endLsn,
    jsonColumn: workload.jsonColumn,
    ca: client.tls ? replay.ca : undefined,
    measure: "throughput",
  };
}
