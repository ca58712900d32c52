import { isRunning, makeRuntime, silentLogger } from "@trunkline/process";
import { startSubscription, stopSubscription } from "@trunkline/subscription";
import type { ConsumerOptions, Peer } from "./consumer.ts";

const runtime = makeRuntime({ logger: silentLogger });

/** Our subscription as it comes: nothing but where it reads, and a handler. */
export const ours: Peer = {
  name: "@trunkline/subscription",
  consume: async (options) => {
    let running = await listen(options);
    const end = async (how: { readonly drainMs?: number }): Promise<void> => {
      if (isRunning(running)) await stopSubscription(running, how);
    };
    return {
      stop: () => end({}),
      resume: async () => {
        running = await listen(options);
      },
      kill: () => end({ drainMs: 0 }),
    };
  },
};

const listen = ({ source: { url, slot, publication }, handle }: ConsumerOptions) =>
  startSubscription<{ rows: { id: number } }>(
    {
      connection: { connectionString: url },
      slot,
      publications: publication,
      onTransaction: async ({ changes }) => {
        for await (const change of changes) if (change.kind === "insert") await handle(change.new.id);
      },
    },
    { runtime },
  );
