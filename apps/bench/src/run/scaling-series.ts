import { type BenchClient, catalogue } from "../clients/catalogue.ts";
import { replayStream } from "../replay/replay-stream.ts";
import { startReplay } from "../replay/start-replay.ts";
import { workloads } from "../workloads/workload.ts";
import { repeated, replayTask } from "./replay-series.ts";
import { runClient } from "./run-client.ts";
import { type BenchContext, runOptionsOf } from "./series.ts";

/** The stream that is repeated. */
const BASE_ROWS = 100_000;
const REPEATS = [1, 10, 100] as const;

/** Who takes part. */
export const scalingClients: readonly BenchClient[] = catalogue.filter(({ name }) =>
  ["bare", "ours-raw", "ours-decoded"].includes(name),
);

/** The same clients on ten and a hundred times as many rows: a cost per row that grows would be a leak. */
export async function runScalingSeries(context: BenchContext): Promise<void> {
  const stream = replayStream(context.cache, workloads.W1, BASE_ROWS, context.seed);
  for (const repeat of REPEATS) {
    await using replay = await startReplay(context.programs.replay, stream, context.pinning?.server, repeat);
    for (const client of scalingClients) {
      const task = replayTask(workloads.W1, replay, repeated(stream, repeat), client);
      const outcome = await runClient(task, runOptionsOf(client, context));
      const { rows } = task;
      const shared = { workload: "scaling", setup: "replay", client: client.name } as const;
      context.onSample({ ...shared, rows, streamBytes: stream.bytes * repeat, outcome });
    }
  }
}
