import postgres from "postgres";
import type { ConsumerOptions, Peer } from "./consumer.ts";

/**
 * `postgres` subscribe. It waits for no callback, so an asynchronous one that fails is reported here; left alone, it
 * would end the process. Its slot is a temporary one of its own.
 */
export const postgresSubscribe: Peer = {
  name: "postgres 3.4.9",
  consume: async (options) => {
    const { url, publication } = options.source;
    const sql = postgres(url, { publications: publication, onnotice: () => {} });
    let unsubscribe = await listen(sql, options);
    return {
      stop: async () => unsubscribe(),
      resume: async () => {
        unsubscribe = await listen(sql, options);
      },
      kill: async () => {
        unsubscribe();
        await sql.end({ timeout: 0 });
      },
    };
  },
};

async function listen(sql: postgres.Sql, { handle, report }: ConsumerOptions): Promise<() => void> {
  const subscribed = await sql.subscribe(
    "insert:public.rows",
    (row) => {
      const id: unknown = row?.["id"];
      if (typeof id === "number") void handle(id).catch(report);
    },
    () => {},
    (...raised: unknown[]) => report(raised[0]),
  );
  return () => subscribed.unsubscribe();
}
