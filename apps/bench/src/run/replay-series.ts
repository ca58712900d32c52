import type { BenchClient } from "../clients/catalogue.ts";
import type { ClientTask } from "../clients/task.ts";
import { type ReplayStream, replayStream } from "../replay/replay-stream.ts";
import { type Replay, startReplay } from "../replay/start-replay.ts";
import type { Workload } from "../workloads/workload.ts";
import { runClient } from "./run-client.ts";
import { available, type BenchContext, runOptionsOf } from "./series.ts";

/** Every client reads the workload's made stream from another process' memory: the client is what limits. */
export async function runReplaySeries(
  workload: Workload,
  rows: number,
  clients: readonly BenchClient[],
  context: BenchContext,
): Promise<void> {
  const stream = replayStream(context.cache, workload, rows, context.seed);
  await using replay = await startReplay(context.programs.replay, stream, context.pinning?.server);
  for (let round = 0; round < context.rounds; round += 1) {
    for (const client of available(clients, context)) {
      const outcome = await runClient(replayTask(workload, replay, stream, client), runOptionsOf(client, context));
      const { bytes: streamBytes } = stream;
      context.onSample({ workload: workload.name, setup: "replay", client: client.name, rows, streamBytes, outcome });
    }
  }
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
