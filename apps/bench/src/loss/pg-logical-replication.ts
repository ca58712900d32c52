import { setTimeout as wait } from "node:timers/promises";
import { LogicalReplicationService, PgoutputPlugin } from "pg-logical-replication";
import type { ConsumerOptions, Peer } from "./consumer.ts";

/** Its README subscribes again this long after a stream has ended. */
const RESUBSCRIBE_MS = 100;

/** What is used of the plugin's messages. */
interface PgoutputMessage {
  readonly tag: string;
  readonly new?: { readonly id?: unknown };
}

/** pg-logical-replication as its README has it: subscribing again whenever the stream ends; acknowledging by hand where that is set. */
export const pgLogicalReplication: Peer = {
  name: "pg-logical-replication 2.5.0",
  consume: async (options) => {
    const { url, slot, publication } = options.source;
    const service = new LogicalReplicationService({ connectionString: url }, options.service);
    service.on("error", options.report);
    service.on("data", (lsn: string, message: PgoutputMessage) => receive(service, options, lsn, message));
    let wanted = true;
    let over: Promise<void> = Promise.resolve();
    const listen = async (): Promise<void> => {
      wanted = true;
      const listening = new Promise<void>((resolve) => service.once("start", resolve));
      over = (async () => {
        while (wanted) {
          const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [publication] });
          await service.subscribe(plugin, slot).catch(options.report);
          if (wanted) await wait(RESUBSCRIBE_MS);
        }
      })();
      await listening;
    };
    const stop = async (): Promise<void> => {
      wanted = false;
      await service.stop();
      await over;
    };
    await listen();
    return { stop, resume: listen, kill: stop };
  },
};

/** Without flow control nobody waits for it, so what fails is reported here; left alone, it would end the process. */
async function receive(
  service: LogicalReplicationService,
  { handle, report }: ConsumerOptions,
  lsn: string,
  message: PgoutputMessage,
): Promise<void> {
  const id = message.tag === "insert" ? message.new?.id : undefined;
  const work = async (): Promise<void> => {
    if (typeof id === "number") await handle(id);
    if (service.config.acknowledge?.auto === false) await service.acknowledge(lsn);
  };
  if (service.config.flowControl?.enabled === true) await work();
  else await work().catch(report);
}
